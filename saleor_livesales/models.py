"""Django looks for models here: each room's own, gathered."""

from .apps import saleor_is_host
from .channels.models import ChannelSettings
from .codes.models import Code, CodeChange, CodeDelivery, CodeTries, PieceOrder, PrintPiece, PrintRecipient
from .fees.models import Fee, FeeEvent, FeeRefund, FeesSwept, SavedMethod
from .inbox.models import ShopEvent, ShopOrder, SweepMark
from .letters.models import Letter, LetterBatch, LetterStyle
from .mails.models import MailBounce, MailEvent, MailSettings, MailTemplate
from .members.models import Charge, MemberCode, Membership, MembershipChange, OrdersSeen, Plan, Renewal
from .offers.models import Decision, Offer
from .pictures.models import Picture
from .postings.models import Posting, PostingEvent, PostingMonth, PostingSettings
from .sessions.models import Entry, Inquiry, Rating, Rep, Session
from .visitors.models import Visit, Visitor, VisitorCheckout, VisitorLink, VisitorPass

__all__ = [
    "ChannelSettings",
    "Charge",
    "Code",
    "CodeChange",
    "CodeDelivery",
    "CodeTries",
    "Decision",
    "Entry",
    "Fee",
    "FeeEvent",
    "FeeRefund",
    "FeesSwept",
    "Inquiry",
    "Letter",
    "LetterBatch",
    "LetterStyle",
    "MailBounce",
    "MailEvent",
    "MailSettings",
    "MailTemplate",
    "MemberCode",
    "Membership",
    "MembershipChange",
    "Offer",
    "OrdersSeen",
    "Picture",
    "PieceOrder",
    "Plan",
    "Posting",
    "PostingEvent",
    "PostingMonth",
    "PostingSettings",
    "PrintPiece",
    "PrintRecipient",
    "Rating",
    "Renewal",
    "Rep",
    "SavedMethod",
    "Session",
    "ShopEvent",
    "ShopOrder",
    "SweepMark",
    "Visit",
    "Visitor",
    "VisitorCheckout",
    "VisitorLink",
    "VisitorPass",
]

if saleor_is_host():  # the one exception to the import rules: see host/permissions.py
    from .host import permissions  # noqa: F401
