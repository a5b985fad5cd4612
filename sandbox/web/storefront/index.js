import { config, element, fail, money, open, picture, send } from "./shop.js";

const list = document.querySelector("#products");
void open();
try {
  const { products } = await send("Products", { channel: config.channel });
  list.replaceChildren(
    ...products.edges.map(({ node }) => {
      const { start, stop } = node.pricing?.priceRange ?? {};
      const from = start && stop && start.gross.amount < stop.gross.amount ? "from " : "";
      return element(
        "li",
        {},
        element(
          "a",
          { className: "tile", href: `product.html?id=${encodeURIComponent(node.id)}` },
          picture(node.thumbnail, node.name),
          element("span", { className: "name", textContent: node.name }),
          element("span", { className: "price", textContent: start ? from + money(start.gross) : "" }),
        ),
      );
    }),
  );
  list.removeAttribute("aria-busy");
} catch (error) {
  fail(list, error);
}
