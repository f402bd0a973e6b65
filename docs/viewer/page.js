/* The viewer with the description of this installation; nothing is asked of anybody else. */
/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: 'docs/openapi.yaml',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
  onComplete: () => document.documentElement.setAttribute('data-ready', ''),
});
