// What the bundler and the loader add to the language: style sheets as text, one global.
declare module '*.css' {
  const text: string;
  export default text;
}

interface Window {
  ChatConnect?: {
    open(): Promise<void>;
    close(): Promise<void>;
    toggle(): Promise<void>;
  };
}
