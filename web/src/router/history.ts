// Where the reader is, and the ways to another address: the browser's, or one in memory for tests.

export interface Place {
  path: string;
  /** The parameters as text, `?` and all. */
  search: string;
  /** The part of the page, `#` and all. */
  hash: string;
}

export interface History {
  readonly place: Place;
  /** Calls back after every change; returns how to stop that. */
  subscribe: (listener: () => void) => () => void;
  /** Goes to an address, as a step that can be taken back, or in place of the present one. */
  go: (address: string, step: boolean) => void;
  back: () => void;
}

function placeOf(address: string): Place {
  const { pathname, search, hash } = new URL(address, "http://page");
  return { path: pathname, search, hash };
}

function listeners() {
  const all = new Set<() => void>();
  return {
    subscribe: (listener: () => void) => {
      all.add(listener);
      return () => void all.delete(listener);
    },
    notify: () => {
      for (const listener of all) listener();
    },
  };
}

/** The address bar. */
export function browserHistory(window: Window): History {
  const { subscribe, notify } = listeners();
  let place = placeOf(window.location.href);
  const read = () => {
    place = placeOf(window.location.href);
    notify();
  };
  window.addEventListener("popstate", read);
  return {
    get place() {
      return place;
    },
    subscribe,
    go: (address, step) => {
      if (step) window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
      read();
    },
    back: () => window.history.back(),
  };
}

/** Addresses that only a test sees. */
export function memoryHistory(first: string): History {
  const { subscribe, notify } = listeners();
  let places = [placeOf(first)];
  return {
    get place() {
      return places.at(-1) ?? placeOf("/");
    },
    subscribe,
    go: (address, step) => {
      places = [...(step ? places : places.slice(0, -1)), placeOf(address)];
      notify();
    },
    back: () => {
      if (places.length > 1) places = places.slice(0, -1);
      notify();
    },
  };
}
