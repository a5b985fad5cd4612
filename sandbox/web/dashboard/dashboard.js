// The stand-in Dashboard: signs in, lists the apps' pages, and frames the chosen one as Saleor's own Dashboard does.
import { Bridge } from "./bridge.js";

const SANDBOX = "allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"; // the Dashboard's own
const KEPT = "dashboard:refresh";
const THEME = "dashboard:theme";
const TOAST_FOR = 5_000; // ms
const EARLY = 30_000; // ms before its expiry an access token is renewed

const config = await (await fetch("config.json", { cache: "no-store" })).json(); // {api}
const find = (selector) => document.querySelector(selector);
let access = null; // in memory alone
let bridge = null;

async function ask(name, variables = {}, token = null) {
  const query = await (await fetch(`graphql/${name}.graphql`)).text();
  const answer = await fetch(config.api, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

function expiresAt(token) {
  return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).exp * 1000;
}

async function accessToken() {
  if (access && expiresAt(access) - EARLY > Date.now()) return access;
  const { tokenRefresh } = await ask("TokenRefresh", { refreshToken: sessionStorage.getItem(KEPT) });
  if (tokenRefresh.errors.length) throw new Error(tokenRefresh.errors[0].message);
  access = tokenRefresh.token;
  return access;
}

async function extensions() {
  const { appExtensions } = await ask("Extensions", {}, await accessToken());
  const shown = appExtensions.edges.map(({ node }) => node);
  return shown.filter((node) => node.mountName.startsWith("NAVIGATION_") && node.accessToken);
}

// Light and dark

function theme() {
  return document.documentElement.dataset.theme;
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem(THEME, name);
  find("#theme").textContent = name === "light" ? "Dark" : "Light";
  bridge?.tell("theme", { theme: name });
}

// What a framed page may ask for

function notify({ status, title, text }) {
  const toast = document.createElement("div");
  toast.className = `toast ${status ?? "info"}`;
  const heading = document.createElement("strong");
  heading.textContent = title ?? "";
  toast.append(heading, text ?? "");
  find("#toasts").append(toast);
  setTimeout(() => toast.remove(), TOAST_FOR);
  return true;
}

function redirect({ to, newContext }) {
  if (typeof to !== "string") return false;
  if (to.startsWith("/")) return notify({ status: "info", title: "The Dashboard would go to", text: ` ${to}` });
  const { host, protocol } = new URL(to);
  if (host === location.host || !protocol.startsWith("http")) return false;
  if (newContext) window.open(to);
  else if (confirm("You are about to leave the Dashboard. Continue?")) location.assign(to);
  else return false;
  return true;
}

function updateRouting({ newRoute }) {
  history.replaceState(null, "", `#${encodeURIComponent(newRoute)}`);
  return true;
}

function requestPermissions({ permissions }) {
  return Boolean(permissions?.length) && notify({ status: "warning", title: "Asked for", text: permissions.join(", ") });
}

// Pages

function close() {
  bridge?.close();
  bridge = null;
}

function open(extension) {
  close();
  const source = new URL(extension.app.appUrl.replace(/\/$/, "") + extension.url);
  const asked = { domain: new URL(config.api).host, saleorApiUrl: config.api, id: extension.app.id, theme: theme() };
  for (const [name, value] of Object.entries(asked)) source.searchParams.set(name, value);
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", SANDBOX);
  frame.title = extension.label;
  frame.dataset.testId = "app-frame";
  frame.src = source.href;
  bridge = new Bridge({
    frame,
    origin: source.origin,
    token: extension.accessToken,
    handlers: { notification: notify, redirect, updateRouting, requestPermissions },
    renew: async () => (await extensions()).find((node) => node.id === extension.id)?.accessToken ?? null,
    state: () => ({ theme: theme(), locale: navigator.language.split("-")[0], path: "/" }),
  });
  find("#place").replaceChildren(frame);
  for (const button of find("#extensions").querySelectorAll("button")) {
    if (button.dataset.id === extension.id) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

function show(form) {
  find("#login").hidden = !form;
  find("#shell").hidden = form;
}

async function enter() {
  const token = await accessToken();
  const { me } = await ask("Me", {}, token);
  if (!me?.isStaff) throw new Error("This account is not staff.");
  const pages = await extensions();
  find("#who").textContent = `${me.firstName} ${me.lastName}`.trim() || me.email;
  find("#group").hidden = !pages.length;
  find("#nothing").hidden = pages.length > 0;
  find("#extensions").replaceChildren(
    ...pages.map((extension) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = extension.label;
      button.dataset.id = extension.id;
      // A token of the page's own, fresh whenever the page is opened.
      button.addEventListener("click", async () => {
        const fresh = (await extensions()).find((node) => node.id === extension.id);
        if (fresh) open(fresh);
      });
      item.append(button);
      return item;
    }),
  );
  show(false);
}

function leave() {
  close();
  access = null;
  sessionStorage.removeItem(KEPT);
  find("#place").replaceChildren();
  show(true);
}

find("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = find("#problem");
  problem.hidden = true;
  try {
    const { tokenCreate } = await ask("TokenCreate", Object.fromEntries(new FormData(event.target)));
    if (tokenCreate.errors.length) throw new Error(tokenCreate.errors[0].message);
    access = tokenCreate.token;
    sessionStorage.setItem(KEPT, tokenCreate.refreshToken);
    await enter();
    event.target.reset();
  } catch (error) {
    leave();
    problem.textContent = error.message;
    problem.hidden = false;
  }
});
find("#logout").addEventListener("click", leave);
find("#theme").addEventListener("click", () => setTheme(theme() === "light" ? "dark" : "light"));

setTheme(localStorage.getItem(THEME) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
if (sessionStorage.getItem(KEPT)) await enter().catch(leave);
else show(true);
