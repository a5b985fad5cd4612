"""Enums of the schema, made from those of the database."""

from __future__ import annotations

from typing import Any, Final

import graphene

from ..channels.models import PriceStrength, WidgetSide, WidgetTheme
from ..channels.opening import DAYS
from ..codes.models import CodeState, HolderKind, PieceKind, PieceState
from ..fees.models import FeeState
from ..letters.models import BatchState, LetterForm, LetterState
from ..mails.models import TemplateName
from ..members.models import Arrangement, ChargeKind, MailState, MembershipState
from ..offers.models import OfferState
from ..postings.models import PostingState, Way
from ..sessions.models import EndReason, RepStatus, Sender, SessionForm, SessionState
from ..visitors.models import Assurance

DEFAULT_FORM: Final = str(SessionForm.CHAT)


def enum_of(choices: Any, name: str, description: str) -> Any:
    """A GraphQL enum with the members' names and their labels as descriptions."""

    def described(member: Any) -> str:
        return description if member is None else f"{choices(member.value).label}."

    return graphene.Enum(name, [(member.name, member.value) for member in choices], description=described)


def _weekday(member: Any) -> str:
    return "A day of the week." if member is None else f"{DAYS[member.value]}."


SessionStateEnum = enum_of(SessionState, "LiveSessionStateEnum", "Where a session stands.")
SessionFormEnum = enum_of(SessionForm, "LiveSessionFormEnum", "How visitor and rep talk.")
EndReasonEnum = enum_of(EndReason, "LiveSessionEndReasonEnum", "Why a session ended.")
SenderEnum = enum_of(Sender, "LiveSenderEnum", "Who wrote a message.")
RepStatusEnum = enum_of(RepStatus, "LiveRepStatusEnum", "A rep's presence.")
AssuranceEnum = enum_of(Assurance, "LiveAssuranceEnum", "How sure it is who a visitor is.")
PriceStrengthEnum = enum_of(PriceStrength, "LivePriceStrengthEnum", "What the price rule does.")
WeekdayEnum = graphene.Enum("LiveWeekdayEnum", [(day.upper(), at) for at, day in enumerate(DAYS)], description=_weekday)
WidgetSideEnum = enum_of(WidgetSide, "LiveWidgetSideEnum", "On which side of the page the widget is.")
WidgetThemeEnum = enum_of(WidgetTheme, "LiveWidgetThemeEnum", "Whether the widget is light or dark.")
OfferStateEnum = enum_of(OfferState, "LiveOfferStateEnum", "Where an offer stands.")
CodeStateEnum = enum_of(CodeState, "LiveSignInCodeStateEnum", "Where a sign-in code stands.")
CodeHolderEnum = enum_of(HolderKind, "LiveSignInCodeHolderEnum", "Whose a sign-in code is, or what it opens.")
PieceKindEnum = enum_of(PieceKind, "LivePrintPieceKindEnum", "What is printed.")
PieceStateEnum = enum_of(PieceState, "LivePrintPieceStateEnum", "Where a printed piece stands.")
ArrangementEnum = enum_of(Arrangement, "LiveArrangementEnum", "What happens when a member comes.")
MembershipStateEnum = enum_of(MembershipState, "LiveMembershipStateEnum", "Where a membership stands.")
MailStateEnum = enum_of(MailState, "LiveDeliveryStateEnum", "Where the mail with a sign-in code stands.")
ChargeKindEnum = enum_of(ChargeKind, "LiveMembershipChargeKindEnum", "How periods of a membership were paid.")
FeeStateEnum = enum_of(FeeState, "LiveFeeStateEnum", "Where a try to charge a payment method stands.")
LetterStateEnum = enum_of(LetterState, "LiveLetterStateEnum", "Where a letter stands.")
LetterBatchStateEnum = enum_of(BatchState, "LiveLetterBatchStateEnum", "Where a batch of letters stands.")
LetterFormEnum = enum_of(LetterForm, "LiveLetterFormEnum", "Paper and window of a letter.")
PostingStateEnum = enum_of(PostingState, "LiveLetterPostingStateEnum", "Where a letter stands with a provider.")
LetterWayEnum = enum_of(Way, "LiveLetterWayEnum", "How the letters of a channel go.")
MailTemplateEnum = enum_of(TemplateName, "LiveMailTemplateEnum", "Which mail to a customer.")
