//! Every rule of this crate that can refuse something: one variant, one stable number, one name, one sentence. Numbers are
//! never reused. They continue those of `urne_types::rejection` (which stops below 600), so that whoever wraps one keeps it:
//! 600-619 a ballot, 620-639 questions and choices, 640-659 credentials, 660-679 the ceremony, 680-699 opening and audit.

macro_rules! refusals {
    ($($code:literal $name:ident $snake:literal $english:literal;)*) => {
        /// Refused by a numbered rule of the cryptography.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
        #[repr(u16)]
        pub enum Refusal {
            $(#[doc = $english] #[error($english)] $name = $code,)*
        }
        impl Refusal {
            /// All rules, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable number.
            #[must_use]
            pub const fn code(self) -> u16 {
                self as u16
            }
            /// The stable name, in snake case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $snake),* }
            }
            /// The rule of a number.
            #[must_use]
            pub fn from_code(code: u16) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

refusals! {
    600 BallotLength "ballot_length" "the sealed ballot has not the length that this election's questions give";
    601 NotAPoint "not_a_point" "32 bytes are not the canonical encoding of a group element";
    602 NotAScalar "not_a_scalar" "32 bytes are not the canonical encoding of a scalar";
    603 IdentityCredential "identity_credential" "the credential key is the identity, which anybody could sign for";
    604 IdentityRandomness "identity_randomness" "the ballot's randomness point is the identity, which would show its content";
    605 RepeatedPoint "repeated_point" "two points of the ballot are equal: randomness was reused";
    606 WrongBits "wrong_bits" "equation (1) fails: the responses do not open the committed bits";
    607 WrongRandomness "wrong_randomness" "equation (2) fails: the randomness of the cells is not known";
    608 WrongCells "wrong_cells" "equation (3) fails: the cells do not encrypt the committed bits";
    609 NotABit "not_a_bit" "equation (4) fails: a form that must be 0 or 1 is neither";
    610 NotZero "not_zero" "equation (5) fails: a form that must be zero is not";
    611 BadBallotSignature "bad_ballot_signature" "equation (6) fails: the credential did not sign this ballot";

    620 NoQuestion "no_question" "there is no question";
    621 BadQuestion "bad_question" "a question's choices, grades, bounds or costs are empty, contradictory or too many";
    622 FormTooLarge "form_too_large" "a form's coefficients sum to 2^62 or more, and could wrap around";
    623 TooManyCells "too_many_cells" "the questions need more bits and cells than a ballot may carry";
    624 CellTooLarge "cell_too_large" "one ballot could add more to a cell than can be read back from a total";
    625 MixedOpening "mixed_opening" "ranked questions are opened ballot by ballot and cannot share an election with others";
    626 RankingWithPublishedKeys "ranking_with_published_keys" "ranked ballots are opened one by one: with published keys every choice would have a name";
    627 WrongAnswers "wrong_answers" "the answers are not one valid answer to each question";
    628 WrongKeys "wrong_keys" "the election's keys are not one distinct key, never the identity, for each cell";

    640 BadCredentialPoint "bad_credential_point" "the bytes are not a point of the prime-order subgroup";
    641 IdentityPoint "identity_point" "the point is the identity";
    642 WrongBlindAnswer "wrong_blind_answer" "the answer is not the registrar's signature on this blinded request";
    643 TooFewAnswers "too_few_answers" "there are fewer distinct registrars' answers than the threshold";
    644 WrongCredential "wrong_credential" "the signature is not the registrars' on this credential key";
    645 BadPossession "bad_possession" "the proof of possession of the key fails";
    646 SecondRequest "second_request" "this registrar has approved a request of this entry already";
    647 NotYetApproved "not_yet_approved" "the request has fewer finalised approvals than the threshold";
    648 WeakRegistrars "weak_registrars" "the registrars' threshold is not more than half of them and at least two";

    660 WrongStep "wrong_step" "this message belongs to another step of the ceremony";
    661 NotAParticipant "not_a_participant" "the sender takes no part in this ceremony";
    662 MessageExists "message_exists" "the sender has sent its message of this step already";
    663 WrongCommitmentHash "wrong_commitment_hash" "the commitments are not those whose hash was sent before";
    664 WrongShape "wrong_shape" "the message has not the length that this ceremony gives";
    665 UnjustifiedComplaint "unjustified_complaint" "the share complained about is right";
    666 BadComplaint "bad_complaint" "the complaint does not prove the shared key it reveals";
    667 ThresholdTooLow "threshold_too_low" "one college could open the urn alone";
    668 TooFewTrustees "too_few_trustees" "too few participants are left";
    669 DegenerateKey "degenerate_key" "a key of the ceremony is the identity or repeated";
    670 WrongShare "wrong_share" "the share does not fit the dealer's commitments";

    680 NotATrustee "not_a_trustee" "the share's sender is not a qualified trustee";
    681 WrongDecryptionShare "wrong_decryption_share" "the proof of the decryption share fails";
    682 TooFewShares "too_few_shares" "there are fewer distinct trustees' shares than the threshold";
    683 NoDiscreteLogarithm "no_discrete_logarithm" "a total is not a number that the ballots could add up to";
    684 SecondTally "second_tally" "this signer has answered another tally of this election already";
    685 AuditMismatch "audit_mismatch" "the revealed seed and choices do not give this ballot";
    686 TotalsMismatch "totals_mismatch" "the totals have not one cell for each cell of the ballots";
    687 BadTracker "bad_tracker" "the tracker is mistyped";
    688 OtherUrn "other_urn" "the share is for another urn";
}
