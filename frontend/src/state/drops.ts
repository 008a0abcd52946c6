// Files dropped on the desktop window arrive as paths, without saying on what
// they fell; the screen that last said it takes files gets them.
type Taker = (paths: string[]) => void;

class DropTakers {
  #takers: Taker[] = [];

  /** take registers who gets dropped files; the newest one does. */
  take(taker: Taker): () => void {
    this.#takers.push(taker);
    return () => (this.#takers = this.#takers.filter((t) => t !== taker));
  }

  /** paths hands over what was dropped; false when nothing shown takes files. */
  paths(paths: string[]): boolean {
    const taker = this.#takers.at(-1);
    taker?.(paths);
    return taker !== undefined;
  }
}

export const drops = new DropTakers();
