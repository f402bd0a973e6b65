/*
 * Properties of the application's own objects, which the build shortens.  A name may stand here
 * when it never leaves the application: it is in no JSON of the gateway or of the storage, in no
 * message and no call between page and application, in no attribute, no interface of the browser,
 * and nobody looks it up by a text.  src/rules.test.js holds the list to all that.
 */
export const INTERNAL = [
  // view/: what the parts offer each other
  ...['dropFile', 'fit', 'greet', 'isOpen', 'saveOpen', 'say', 'serve', 'setBusy', 'setOpen', 'sheets', 'shown', 'storeOpen', 'styles', 'tell'],
  // chat/: the conversation, its entries, the server
  ...['inside', 'askPerson', 'attach', 'follow', 'forgetGone', 'formWanted', 'halting', 'renew', 'restart', 'retryAt', 'sendFile', 'sendForm', 'settle', 'world'],
];
