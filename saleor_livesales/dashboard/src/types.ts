/** What the console's GraphQL documents answer. Enum values are in capitals, as Saleor writes them. */

import type { FieldError } from "./api";

export interface Money {
  amount: number;
  currency: string;
}

export type RepStatus = "ONLINE" | "AWAY" | "OFFLINE";
export type State = "REQUESTED" | "QUEUED" | "RINGING" | "ACTIVE" | "ON_HOLD" | "ENDED";

export interface Rep {
  id: string;
  name: string;
  status: RepStatus;
  capacity: number;
  load: number;
  mayManage?: boolean; // what only the owner may
}

export interface Connection<T> {
  totalCount?: number;
  edges: Array<{ node: T }>;
}

/** A message that was left when nobody could answer. */
export interface InquiryItem {
  id: string;
  email: string;
  text: string;
  createdAt: string;
  mailedAt: string | null;
  product: ProductName | null;
}

export interface ProductName {
  id: string;
  name: string;
}

/** What a visitor thought of a session: from 1 to 5. */
export interface Rating {
  score: number;
  comment: string;
}

/** That somebody is blocked; `until` null: for good. */
export interface Block {
  until: string | null;
  reason: string;
  byName: string;
}

export interface BlockItem extends Block {
  id: string;
  at: string;
  visitor: { id: string; name: string };
}

/** A page that a visitor looked at. */
export interface PageView {
  url: string; // as the visitor's browser told it
  title: string | null;
  viewedAt: string | null;
  seconds: number | null;
  product: ProductName | null;
}

export interface QueueItem {
  id: string;
  channel: string;
  form: string;
  state: State;
  queuedAt: string | null;
  createdAt: string;
  priority?: number;
  memberPlan?: { name: string } | null; // of the membership with which it began
  visitor: { id: string; name: string; assurance: string } | null;
  product: ProductName | null;
  cart: { total: Money } | null;
}

export interface VisitorItem {
  id: string;
  name: string;
  assurance: string;
  channel: string | null;
  online: boolean;
  startedAt: string | null;
  pageUrl: string | null;
  pageTitle: string | null;
  product: ProductName | null;
  cart: { total: Money; quantity: number } | null;
  session: { id: string; state: State } | null; // null also where it is another rep's
  inSession: boolean;
  block: Block | null;
  offer: { id: string; expiresAt: string } | null; // one that is open
  reason: string | null;
}

export interface Profile {
  name: string;
  email: string;
  joinedAt: string | null;
  orders: number;
  spend: Money[];
  lastOrderAt: string | null;
  countries: string[];
  language: string;
  sessions: number;
  membership?: { state: string; entitled: boolean; since: string; plan: { name: string; level: number } } | null;
}

export interface Session {
  id: string;
  channel: string;
  form: string;
  state: State;
  endReason: string | null;
  lastNumber: number;
  visitorRead: number;
  repRead: number;
  createdAt: string;
  queuedAt: string | null;
  acceptedAt: string | null;
  endedAt: string | null;
  awaitingSince: string | null;
  dueAt: string | null;
  repName: string | null;
  earlierSessions: number | null;
  priority?: number;
  memberPlan?: { name: string } | null;
  rating: Rating | null;
  rep: { id: string } | null;
  visitor: {
    id: string;
    name: string;
    assurance: string;
    online: boolean;
    pageUrl: string | null;
    pageTitle: string | null;
    trail: PageView[] | null;
    block: Block | null;
    opened: { opens: string; name: string | null; recipient: { reference: string; name: string } | null }[];
    profile: Profile | null;
  } | null;
  product:
    | (ProductName & {
        thumbnail: { url: string; alt: string | null } | null;
        pricing: { priceRange: { start: { gross: Money } | null } | null } | null;
      })
    | null;
  variant: (ProductName & { pricing: { price: { gross: Money } | null } | null }) | null;
  cart: {
    total: Money;
    quantity: number;
    lines: Array<{ name: string; quantity: number; total: Money }>;
  } | null;
}

export interface PresenceAnswer {
  liveRepPresenceUpdate: {
    rep: Rep | null;
    ticket: string | null;
    expiresAt: string | null;
    gatewayUrl: string | null;
    errors: FieldError[];
  };
}

export interface SessionsAnswer {
  rep: Rep | null;
  queue: Connection<QueueItem>;
  mine: Connection<{ id: string; state: State; lastNumber: number }>;
}

/** Whether a channel is open by its office hours. */
export interface Opening {
  open: boolean;
  opensAt: string | null; // RFC 3339; where it is closed
  closesAt: string | null; // where it is open
}

export interface ChannelSettings {
  channel: string;
  name: string;
  currency: string;
  active: boolean;
  priceThreshold: Money | null;
  priceStrength: string;
  requestsAllowed: boolean;
  codeRequired: boolean;
  greeting: string;
  gatewayUrl: string;
  contactEmail: string;
  picturesAllowed: boolean;
  timeZone: string;
  openingHours: Array<{ weekday: string; start: string; end: string }>;
  specialDays: Array<{ date: string; name: string; yearly: boolean; spans: Array<{ start: string; end: string }> }>;
  opening: Opening;
  ratingAsked: boolean;
  endsAfterLapse: number | null;
  updatedAt: string | null;
}
