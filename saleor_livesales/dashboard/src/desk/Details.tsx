import type { ComponentChildren } from "preact";
import { count, country, day, money, path } from "../format";
import type { Money, Session } from "../types";

/** The price of what the visitor looks at: the variant's where one is chosen. */
export function price(session: Session): Money | null {
  return session.variant?.pricing?.price?.gross ?? session.product?.pricing?.priceRange?.start?.gross ?? null;
}

/** The line under a pane's head: product, price and cart at a glance. */
export function Summary({ session }: { session: Session | null }) {
  if (!session || (!session.product && !session.cart)) return null;
  const cost = price(session);
  return (
    <div class="summary">
      {session.product?.thumbnail && <img class="summary-picture" src={session.product.thumbnail.url} alt="" width={32} height={32} />}
      <p class="summary-product">
        <span class="summary-name">{session.product?.name ?? "No product"}</span>
        {session.variant && <span class="summary-variant">{session.variant.name}</span>}
      </p>
      {cost && <span class="summary-price">{money(cost)}</span>}
      {session.cart && session.cart.quantity > 0 && (
        <span class="summary-cart">
          Cart <b>{money(session.cart.total)}</b>
        </span>
      )}
    </div>
  );
}

/** Who the visitor is, what they look at, and what is in their cart. */
export function Details({ session }: { session: Session }) {
  const { visitor, product, variant, cart } = session;
  const profile = visitor?.profile ?? null;
  const cost = price(session);
  return (
    <div class="details">
      <Group title="Customer">
        {profile ? (
          <dl class="facts">
            <Fact name="Name">
              <bdi>{profile.name || visitor?.name}</bdi>
            </Fact>
            {profile.email && <Fact name="E-mail">{profile.email}</Fact>}
            <Fact name="Orders">{count(profile.orders)}</Fact>
            <Fact name="Spend">{profile.spend.length ? profile.spend.map(money).join(", ") : "None"}</Fact>
            {profile.lastOrderAt && <Fact name="Last order">{day(profile.lastOrderAt)}</Fact>}
            {profile.countries.length > 0 && <Fact name="Countries">{profile.countries.map(country).join(", ")}</Fact>}
            {profile.joinedAt && <Fact name="Joined">{day(profile.joinedAt)}</Fact>}
            {profile.language && <Fact name="Language">{profile.language}</Fact>}
            <Fact name="Earlier sessions">{count(session.earlierSessions ?? 0)}</Fact>
          </dl>
        ) : (
          <dl class="facts">
            <Fact name="Name">
              <bdi>{visitor?.name || "Not given"}</bdi>
            </Fact>
            <Fact name="Account">Not signed in</Fact>
            <Fact name="Earlier sessions">{count(session.earlierSessions ?? 0)}</Fact>
          </dl>
        )}
      </Group>
      <Group title="Product">
        {product ? (
          <div class="product">
            {product.thumbnail && <img src={product.thumbnail.url} alt={product.thumbnail.alt ?? ""} width={56} height={56} />}
            <div>
              <p class="product-name">{product.name}</p>
              {variant && <p class="product-variant">{variant.name}</p>}
              {cost && <p class="product-price">{money(cost)}</p>}
            </div>
          </div>
        ) : (
          <p class="none">Not on a product page</p>
        )}
        {visitor?.pageUrl && (
          <p class="seen-page" title={visitor.pageUrl}>
            {visitor.pageTitle || path(visitor.pageUrl)}
          </p>
        )}
      </Group>
      <Group title="Cart">
        {cart && cart.lines.length > 0 ? (
          <table class="cart">
            <tbody>
              {cart.lines.map((line, index) => (
                <tr key={index}>
                  <td class="cart-quantity">{count(line.quantity)} ×</td>
                  <td>{line.name}</td>
                  <td class="cart-money">{money(line.total)}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <td />
                <th scope="row">Total</th>
                <td class="cart-money">{money(cart.total)}</td>
              </tr>
            </tfoot>
          </table>
        ) : (
          <p class="none">Empty</p>
        )}
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="group">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
