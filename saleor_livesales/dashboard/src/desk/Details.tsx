import type { ComponentChildren } from "preact";
import { count, country, day, money, path } from "../format";
import { useStore } from "../store";
import type { Money, Session } from "../types";
import { t } from "../words";
import { Blocking } from "./Blocking";
import type { Desk } from "./desk";
import { visitorName } from "./state";
import { Trail } from "./Trail";

/** The price of what the visitor looks at: the variant's where one is chosen. */
export function price(session: Session): Money | null {
  return session.variant?.pricing?.price?.gross ?? session.product?.pricing?.priceRange?.start?.gross ?? null;
}

/** The line under a pane's head: product, price and cart at a glance. */
export function Summary({ session }: { session: Session | null }) {
  if (!session) return null;
  const cost = price(session);
  return (
    <div class="summary">
      {session.product?.thumbnail && <img class="summary-picture" src={session.product.thumbnail.url} alt="" width={32} height={32} />}
      <p class="summary-product">
        <span class="summary-name">{session.product?.name ?? t("No product")}</span>
        {session.variant && <span class="summary-variant">{session.variant.name}</span>}
      </p>
      {cost && <span class="summary-price">{money(cost)}</span>}
      <span class="summary-cart">
        {t("Cart")} <b>{session.cart && session.cart.quantity > 0 ? money(session.cart.total) : t("Empty")}</b>
      </span>
    </div>
  );
}

/** Why the session stood before others in the queue. */
function Priority({ session }: { session: Session }) {
  if (!session.memberPlan) return null;
  const { name: plan } = session.memberPlan;
  return (
    <Fact name={t("Began as")}>
      <bdi>{session.priority ? t("{plan}, priority {number}", { plan, number: count(session.priority) }) : plan}</bdi>
    </Fact>
  );
}

/** Who the visitor is, what they look at, and what is in their cart. */
export function Details({ desk, session }: { desk: Desk; session: Session }) {
  const owner = useStore(desk.store, (state) => state.rep?.mayManage ?? false);
  const { visitor, product, variant, cart } = session;
  const profile = visitor?.profile ?? null;
  const cost = price(session);
  return (
    <div class="details">
      <Group title={t("Customer")}>
        {profile ? (
          <dl class="facts">
            <Fact name={t("Name")}>
              <bdi>{profile.name || visitor?.name}</bdi>
            </Fact>
            {profile.email && <Fact name={t("E-mail")}>{profile.email}</Fact>}
            {profile.membership && (
              <Fact name={t("Membership")}>
                {profile.membership.entitled
                  ? t("{plan}, since {since}", { plan: profile.membership.plan.name, since: day(profile.membership.since) })
                  : t("{plan}, ended", { plan: profile.membership.plan.name })}
              </Fact>
            )}
            <Fact name={t("Orders")}>{count(profile.orders)}</Fact>
            <Fact name={t("Spend")}>{profile.spend.length ? profile.spend.map(money).join(", ") : t("None")}</Fact>
            {profile.lastOrderAt && <Fact name={t("Last order")}>{day(profile.lastOrderAt)}</Fact>}
            {profile.countries.length > 0 && <Fact name={t("Countries")}>{profile.countries.map(country).join(", ")}</Fact>}
            {profile.joinedAt && <Fact name={t("Joined")}>{day(profile.joinedAt)}</Fact>}
            {profile.language && <Fact name={t("Language")}>{profile.language}</Fact>}
            <Fact name={t("Earlier sessions")}>{count(session.earlierSessions ?? 0)}</Fact>
            <Priority session={session} />
          </dl>
        ) : (
          <dl class="facts">
            <Fact name={t("Name")}>
              <bdi>{visitor?.name || t("Not given")}</bdi>
            </Fact>
            <Fact name={t("Account")}>{t("Not signed in")}</Fact>
            <Fact name={t("Earlier sessions")}>{count(session.earlierSessions ?? 0)}</Fact>
            <Priority session={session} />
          </dl>
        )}
      </Group>
      {visitor?.opened && visitor.opened.length > 0 && (
        <Group title={t("Came by code")}>
          <dl class="facts">
            {visitor.opened.map(({ opens, name, recipient }, index) => (
              <Fact key={index} name={opens === "MEMBER" ? t("Member") : t("Printed piece")}>
                <bdi>{name ?? t("Yes")}</bdi>
                {recipient && (
                  <>
                    {" · "}
                    <bdi>{recipient.name ? `${recipient.name} (${recipient.reference})` : recipient.reference}</bdi>
                  </>
                )}
              </Fact>
            ))}
          </dl>
        </Group>
      )}
      <Group title={t("Product")}>
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
          <p class="none">{t("Not on a product page")}</p>
        )}
        {visitor?.pageUrl && (
          <p class="seen-page" title={visitor.pageUrl}>
            {visitor.pageTitle || path(visitor.pageUrl)}
          </p>
        )}
      </Group>
      {visitor?.trail && (
        <Group title={t("Pages")}>
          <Trail pages={visitor.trail} />
        </Group>
      )}
      <Group title={t("Cart")}>
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
                <th scope="row">{t("Total")}</th>
                <td class="cart-money">{money(cart.total)}</td>
              </tr>
            </tfoot>
          </table>
        ) : (
          <p class="none">{t("Empty")}</p>
        )}
      </Group>
      {visitor && (
        <Group title={t("Blocking")}>
          <Blocking api={desk.api} id={visitor.id} name={visitorName(visitor)} block={visitor.block ?? null} owner={owner} done={() => desk.reload(session.id)} />
        </Group>
      )}
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
