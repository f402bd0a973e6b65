/*
 * Writes what the gateway serves under /docs into a folder: the page, the viewer and the description.
 * node build.mjs [FOLDER]; without one: dist/
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const VIEWER = join(HERE, 'node_modules', 'swagger-ui-dist');

/** Names as gateway/pure/files.c has them. */
const FILES = [
  [join(HERE, 'page.html'), 'docs.html'],
  [join(HERE, 'page.js'), 'docs.js'],
  [join(HERE, 'page.css'), 'docs.css'],
  [join(VIEWER, 'swagger-ui-bundle.js'), 'docs-viewer.js'],
  [join(VIEWER, 'swagger-ui.css'), 'docs-viewer.css'],
  [join(HERE, '..', 'openapi.yaml'), 'openapi.yaml'],
];
const folder = process.argv[2] ?? join(HERE, 'dist');

await mkdir(folder, { recursive: true });
await Promise.all(FILES.map(([from, name]) => copyFile(from, join(folder, name))));
