// What the page sets: attributes of the element, and for all that carry none the script tag's data attributes.
import type { Config, LiveClient } from "./client";

export const SETTINGS = ["channel", "api", "gateway", "product", "variant", "checkout", "lang", "theme"] as const;
export type Setting = (typeof SETTINGS)[number];
export type Defaults = Partial<Record<Setting, string>>;

/** A change of one of these begins anew. */
export const ANEW = new Set<string>(["channel", "api", "gateway", "lang"]);

export class Settings {
  constructor(
    private readonly element: HTMLElement,
    private readonly defaults: () => Defaults,
  ) {}

  get(name: Setting): string {
    return this.element.getAttribute(name) ?? this.defaults()[name] ?? "";
  }

  get config(): Config {
    return { channel: this.get("channel"), api: this.get("api"), gateway: this.get("gateway") };
  }

  /** The language set for the widget, else that of the page around it, else the browser's. */
  get language(): string {
    return this.get("lang") || this.element.closest<HTMLElement>("[lang]")?.lang || navigator.language;
  }

  /** What a request is about. */
  get about(): { productId?: string | undefined; variantId?: string | undefined; checkoutId?: string | undefined } {
    const [productId, variantId, checkoutId] = (["product", "variant", "checkout"] as const).map((name) => this.get(name) || undefined);
    return { productId, variantId, checkoutId };
  }

  tellProduct(client: LiveClient): void {
    const product = this.get("product");
    if (product) client.tell({ type: "product", product, variant: this.get("variant") || undefined });
  }

  tellCart(client: LiveClient): void {
    const checkout = this.get("checkout");
    if (checkout) client.tell({ type: "cart", checkout });
  }
}
