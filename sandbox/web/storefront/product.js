import { addToCart, config, element, fail, money, open, picture, send, tell } from "./shop.js";

const place = document.querySelector("#product");

/** A description as the shop gives it (blocks of an editor) as plain paragraphs. */
function paragraphs(description) {
  const blocks = description ? (JSON.parse(description).blocks ?? []) : [];
  return blocks
    .filter((block) => block.data?.text)
    .map(({ data }) => {
      const parsed = new DOMParser().parseFromString(data.text, "text/html");
      return element("p", { textContent: parsed.body.textContent });
    });
}

function show(product) {
  document.title = `${product.name} · Hearth & Oak`;
  let chosen = product.variants[0];
  const price = element("p", { className: "price large" });
  const note = element("p", { className: "note", role: "status" });
  const add = element("button", { className: "primary", textContent: "Add to cart" });
  const choices = product.variants.map((variant) =>
    element(
      "label",
      { className: "choice" },
      element("input", { type: "radio", name: "variant", value: variant.id, checked: variant === chosen }),
      element("span", { textContent: variant.name }),
    ),
  );
  const fieldset = element("fieldset", { hidden: choices.length < 2 }, element("legend", { textContent: "Variant" }));
  fieldset.append(...choices);

  function choose(variant) {
    chosen = variant;
    const gross = variant?.pricing?.price?.gross;
    price.textContent = gross ? money(gross) : "Not sold here";
    add.disabled = !gross;
    void tell((widget) => widget.product({ productId: product.id, variantId: variant?.id }));
  }
  fieldset.addEventListener("change", (event) =>
    choose(product.variants.find((variant) => variant.id === event.target.value)),
  );
  add.addEventListener("click", async () => {
    add.disabled = true;
    try {
      await addToCart(chosen.id);
      note.replaceChildren("In your cart. ", element("a", { href: "cart.html", textContent: "See the cart" }));
    } catch (error) {
      note.textContent = error.message;
    }
    add.disabled = false;
  });

  place.replaceChildren(
    picture(product.thumbnail, product.name),
    element(
      "div",
      { className: "facts" },
      element("h1", { textContent: product.name }),
      price,
      ...paragraphs(product.description),
      fieldset,
      add,
      note,
    ),
  );
  place.removeAttribute("aria-busy");
  choose(chosen);
}

try {
  const id = new URLSearchParams(location.search).get("id") ?? "";
  const { product } = await send("Product", { id, channel: config.channel });
  if (product) show(product);
  else fail(place, new Error("This product is not sold here."));
} catch (error) {
  fail(place, error);
}
void open();
