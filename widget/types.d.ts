// What the bundler and the loader add to the language: style sheets as text, one global.
declare module '*.css' {
  const text: string;
  export default text;
}

/** How a page's server shows who its visitor is: docs/visitors.md. */
type ChatConnectClaim = { user: string; exp: string | number; hash: string } | { token: string };

interface ChatConnectEvents {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  question: { text: string };
  answer: { text: string; answerId: string };
  error: { code: string };
  handoff: { state: '' | 'waiting' | 'joined' | 'ended' };
  identify: Record<string, never>;
}

/** docs/widget.md has an example of each. */
interface ChatConnectApi {
  open(): Promise<void>;
  close(): Promise<void>;
  toggle(): Promise<void>;
  /** Sends a question as if the visitor had typed it. */
  ask(text: string): Promise<void>;
  /** Another visitor, or with null nobody in particular. */
  identify(claim: ChatConnectClaim | null): Promise<void>;
  /** Takes the widget out of the page. */
  unmount(): Promise<void>;
  /** @returns takes the listener off */
  on<Name extends keyof ChatConnectEvents>(name: Name, listener: (detail: ChatConnectEvents[Name]) => void): () => void;
  /** Every widget of the page by its key or bot id. */
  widgets: Record<string, ChatConnectApi>;
}

interface Window {
  ChatConnect?: ChatConnectApi;
}
