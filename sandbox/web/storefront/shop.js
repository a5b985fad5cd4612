// What every page of the demo storefront shares: settings, the shop's API, the shopper's session, the cart, the widget.

const TOKENS = "demo:tokens";
const documents = new Map();

/** Written by whoever serves these pages: {api, channel, gateway, widget}. */
export const config = await (await fetch("config.json", { cache: "no-store" })).json();
const CHECKOUT = `demo:checkout:${config.channel}`;

async function text(name) {
  if (!documents.has(name)) documents.set(name, fetch(`graphql/${name}.graphql`).then((answer) => answer.text()));
  return documents.get(name);
}

/** Sends graphql/<name>.graphql. Throws an Error with the shop's own sentence. */
export async function send(name, variables = {}, token = null) {
  const answer = await fetch(config.api, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: await text(name), variables }),
  });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

/** The result of the one mutation in graphql/<name>.graphql. Throws an Error with its first error's message. */
export async function change(name, variables, token = null) {
  const [payload] = Object.values(await send(name, variables, token));
  if (payload.errors.length) throw new Error(payload.errors[0].message);
  return payload;
}

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function money({ amount, currency }) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(amount);
}

export function picture(thumbnail, name) {
  if (!thumbnail) return element("div", { className: "picture empty" });
  return element("img", { className: "picture", src: thumbnail.url, alt: thumbnail.alt || name, loading: "lazy" });
}

/** Shows why a page can't be shown, in place of what is being loaded. */
export function fail(place, error) {
  place.removeAttribute("aria-busy");
  place.replaceChildren(element("p", { className: "problem", role: "alert", textContent: error.message }));
}

// The shopper

export function session() {
  return JSON.parse(localStorage.getItem(TOKENS) ?? "null");
}

export function keepSession(tokens) {
  if (tokens) localStorage.setItem(TOKENS, JSON.stringify(tokens));
  else localStorage.removeItem(TOKENS);
}

function expiresAt(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000;
}

/** An access token that is good for another half minute, or null when nobody is signed in (any more). */
export async function accessToken() {
  const kept = session();
  if (!kept) return null;
  if (expiresAt(kept.token) > Date.now() + 30_000) return kept.token;
  try {
    const { token } = await change("TokenRefresh", { refreshToken: kept.refreshToken });
    keepSession({ ...kept, token });
    return token;
  } catch {
    keepSession(null);
    return null;
  }
}

// The cart

export function checkoutId() {
  return localStorage.getItem(CHECKOUT);
}

function showCount(quantity) {
  const count = document.querySelector("#cart-count");
  count.textContent = String(quantity);
  count.hidden = !quantity;
}

/** The checkout as the shop has it, or null. */
export async function cart() {
  if (!checkoutId()) return null;
  const { checkout } = await send("Checkout", { id: checkoutId() });
  if (!checkout) localStorage.removeItem(CHECKOUT);
  showCount(checkout?.quantity ?? 0);
  return checkout;
}

export async function addToCart(variantId, quantity = 1) {
  const lines = [{ variantId, quantity }];
  const id = (await cart())?.id;
  const { checkout } = id
    ? await change("CheckoutLinesAdd", { id, lines })
    : await change("CheckoutCreate", { input: { channel: config.channel, lines } }, await accessToken());
  localStorage.setItem(CHECKOUT, checkout.id);
  showCount(checkout.quantity);
  await tell((widget) => widget.cart({ checkoutId: checkout.id }));
}

export async function setQuantity(lineId, quantity) {
  await change("CheckoutLinesUpdate", { id: checkoutId(), lines: [{ lineId, quantity }] });
  await tell((widget) => widget.cart({ checkoutId: checkoutId() }));
}

// The widget, embedded as the guide says

function embed() {
  const script = document.createElement("script");
  script.type = "module";
  script.src = config.widget;
  Object.assign(script.dataset, { channel: config.channel, api: config.api, gateway: config.gateway });
  return new Promise((resolve) => {
    script.onload = () => resolve(document.querySelector("live-sales"));
    script.onerror = () => resolve(null);
    document.head.append(script);
  });
}

let embedded;
const widget = new Promise((resolve) => (embedded = resolve));

/** Tells the widget something, once `open` has put it there. Without it the shop goes on as before. */
export async function tell(what) {
  const found = await widget;
  if (found) await what(found);
}

/** Puts the widget into the page and tells it who is here. Called once the page has its title. */
export async function open() {
  embedded(embed());
  const kept = session();
  if (kept) {
    const link = document.querySelector("#account");
    link.textContent = `Sign out ${kept.name}`;
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      keepSession(null);
      await tell((found) => found.identify(null));
      location.assign("index.html");
    });
    const token = await accessToken();
    await tell((found) => found.identify(token ? { accessToken: token } : null));
  }
  if (await cart().catch(() => null)) await tell((found) => found.cart({ checkoutId: checkoutId() }));
}
