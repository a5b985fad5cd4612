import { change, keepSession, open, tell } from "./shop.js";

const form = document.querySelector("#signin");
const problem = document.querySelector("#problem");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(form));
  problem.hidden = true;
  try {
    const { token, refreshToken, user } = await change("TokenCreate", { email, password });
    keepSession({ token, refreshToken, name: user.firstName || user.email });
    await tell((widget) => widget.identify({ accessToken: token })).catch(() => {});
    location.assign("index.html");
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
});
void open();
