/** A form before the first question with every kind of field. */
export const PRECHAT = {
  title: 'Before we begin',
  text: 'So that we know whom we talk to.',
  fields: [
    { name: 'name', label: 'Your name', type: 'text', required: true },
    { name: 'email', label: 'Your e-mail', type: 'email', required: true },
    { name: 'topic', label: 'What is it about?', type: 'select', options: ['Sales', 'Support'] },
    { name: 'consent', label: 'I agree that my words are stored', type: 'checkbox', required: true },
  ],
};
