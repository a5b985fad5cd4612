import { cart, element, fail, money, open, picture, setQuantity } from "./shop.js";

const place = document.querySelector("#cart");

function row(line) {
  const { product } = line.variant;
  const amount = element("input", { type: "number", min: "0", max: "50", value: String(line.quantity), required: true });
  amount.setAttribute("aria-label", `Quantity of ${product.name}`);
  amount.addEventListener("change", () => amount.reportValidity() && update(line.id, amount.valueAsNumber));
  const remove = element("button", { className: "plain", textContent: "Remove", type: "button" });
  remove.addEventListener("click", () => update(line.id, 0));
  return element(
    "li",
    { className: "line" },
    picture(product.thumbnail, product.name),
    element(
      "div",
      {},
      element("a", { href: `product.html?id=${encodeURIComponent(product.id)}`, textContent: product.name }),
      element("span", { className: "hint", textContent: line.variant.name }),
    ),
    amount,
    element("span", { className: "price", textContent: money(line.totalPrice.gross) }),
    remove,
  );
}

function draw(checkout) {
  place.removeAttribute("aria-busy");
  if (!checkout?.lines.length) {
    place.replaceChildren(
      element("p", {}, "Nothing here yet. ", element("a", { href: "index.html", textContent: "See the products" })),
    );
    return;
  }
  place.replaceChildren(
    element("ul", { className: "lines" }, ...checkout.lines.map(row)),
    element("p", { className: "total" }, "Total ", element("strong", { textContent: money(checkout.subtotalPrice.gross) })),
    element("p", { className: "hint", textContent: "The demo ends here: there is nothing to pay." }),
  );
}

async function update(lineId, quantity) {
  place.setAttribute("aria-busy", "true");
  try {
    await setQuantity(lineId, quantity);
    draw(await cart());
  } catch (error) {
    draw(await cart());
    place.prepend(element("p", { className: "problem", role: "alert", textContent: error.message }));
  }
}

void open();
try {
  draw(await cart());
} catch (error) {
  fail(place, error);
}
