//! Every rule of this crate that can refuse something: one variant, one stable number, one name, one sentence. Numbers are
//! never reused. They continue those of `urne_types::rejection` (which stops below 600), so that whoever wraps one keeps it:
//! 600-619 a ballot, 620-639 questions and choices, 640-659 credentials, 660-679 the ceremony, 680-699 opening and audit.

urne_types::numbered! {
    /// Refused by a numbered rule of the cryptography.
    pub enum Refusal {
        600 BallotLength "ballot_length" 422 "the sealed ballot has not the length that this election's questions give"
            "le bulletin scellé n'a pas la longueur que donnent les questions de cette élection";
        601 NotAPoint "not_a_point" 422 "32 bytes are not the canonical encoding of a group element"
            "32 octets ne sont pas l'encodage canonique d'un élément du groupe";
        602 NotAScalar "not_a_scalar" 422 "32 bytes are not the canonical encoding of a scalar"
            "32 octets ne sont pas l'encodage canonique d'un scalaire";
        603 IdentityCredential "identity_credential" 422 "the credential key is the identity, which anybody could sign for"
            "la clé de droit de vote est l'identité, pour laquelle n'importe qui pourrait signer";
        604 IdentityRandomness "identity_randomness" 422 "the ballot's randomness point is the identity, which would show its content"
            "le point d'aléa du bulletin est l'identité, qui montrerait son contenu";
        605 RepeatedPoint "repeated_point" 422 "two points of the ballot are equal: randomness was reused"
            "deux points du bulletin sont égaux : un aléa a servi deux fois";
        606 WrongBits "wrong_bits" 422 "equation (1) fails: the responses do not open the committed bits"
            "l'équation (1) échoue : les réponses n'ouvrent pas les bits engagés";
        607 WrongRandomness "wrong_randomness" 422 "equation (2) fails: the randomness of the cells is not known"
            "l'équation (2) échoue : l'aléa des cases n'est pas connu";
        608 WrongCells "wrong_cells" 422 "equation (3) fails: the cells do not encrypt the committed bits"
            "l'équation (3) échoue : les cases ne chiffrent pas les bits engagés";
        609 NotABit "not_a_bit" 422 "equation (4) fails: a form that must be 0 or 1 is neither"
            "l'équation (4) échoue : une forme qui doit valoir 0 ou 1 ne vaut ni l'un ni l'autre";
        610 NotZero "not_zero" 422 "equation (5) fails: a form that must be zero is not"
            "l'équation (5) échoue : une forme qui doit être nulle ne l'est pas";
        611 BadBallotSignature "bad_ballot_signature" 422 "equation (6) fails: the credential did not sign this ballot"
            "l'équation (6) échoue : ce droit de vote n'a pas signé ce bulletin";

        620 NoSealedQuestion "no_sealed_question" 422 "there is no question"
            "il n'y a aucune question";
        621 BadQuestion "bad_question" 422 "a question's choices, grades, bounds or costs are empty, contradictory or too many"
            "les choix, mentions, bornes ou coûts d'une question sont vides, contradictoires ou trop nombreux";
        622 FormTooLarge "form_too_large" 422 "a form's coefficients sum to 2^62 or more, and could wrap around"
            "la somme des coefficients d'une forme atteint 2^62 et pourrait faire le tour";
        623 TooManyCells "too_many_cells" 422 "the questions need more bits and cells than a ballot may carry"
            "les questions demandent plus de bits et de cases qu'un bulletin ne peut porter";
        624 CellTooLarge "cell_too_large" 422 "one ballot could add more to a cell than can be read back from a total"
            "un seul bulletin pourrait ajouter à une case plus que ce qui se relit d'un total";
        625 MixedOpening "mixed_opening" 422 "ranked questions are opened ballot by ballot and cannot share an election with others"
            "des classements s'ouvrent bulletin par bulletin et ne partagent pas une élection avec d'autres questions";
        626 RankingWithPublishedKeys "ranking_with_published_keys" 422 "ranked ballots are opened one by one: with published keys every choice would have a name"
            "des classements s'ouvrent un par un : avec des clés publiées, chaque choix aurait un nom";
        627 WrongAnswers "wrong_answers" 422 "the answers are not one valid answer to each question"
            "les réponses ne sont pas une réponse valable à chaque question";
        628 WrongKeys "wrong_keys" 422 "the election's keys are not one distinct key, never the identity, for each cell"
            "les clés de l'élection ne sont pas une clé distincte, jamais l'identité, pour chaque case";

        640 BadCredentialPoint "bad_credential_point" 422 "the bytes are not a point of the prime-order subgroup"
            "les octets ne sont pas un point du sous-groupe d'ordre premier";
        641 IdentityPoint "identity_point" 422 "the point is the identity"
            "le point est l'identité";
        642 WrongBlindAnswer "wrong_blind_answer" 422 "the answer is not the registrar's signature on this blinded request"
            "la réponse n'est pas la signature du registraire sur cette demande aveuglée";
        643 TooFewAnswers "too_few_answers" 422 "there are fewer distinct registrars' answers than the threshold"
            "il y a moins de réponses de registraires distincts que le seuil";
        644 WrongCredential "wrong_credential" 422 "the signature is not the registrars' on this credential key"
            "la signature n'est pas celle des registraires sur cette clé de droit de vote";
        645 BadPossession "bad_possession" 422 "the proof of possession of the key fails"
            "la preuve de possession de la clé échoue";
        646 SecondRequest "second_request" 409 "this registrar has approved a request of this entry already"
            "ce registraire a déjà approuvé une demande de cette inscription";
        647 NotYetApproved "not_yet_approved" 409 "the request has fewer finalised approvals than the threshold"
            "la demande a moins d'approbations définitives que le seuil";
        648 WeakRegistrars "weak_registrars" 422 "fewer registrars are left than sign together, which is more than half of those declared and at least two, or one college has as many"
            "il reste moins de registraires que n'en demande une signature, soit plus de la moitié de ceux qui sont désignés et au moins deux, ou un collège en a autant";

        660 WrongStep "wrong_step" 409 "this message belongs to another step of the ceremony"
            "ce message appartient à une autre étape de la cérémonie";
        661 NotAParticipant "not_a_participant" 422 "the sender takes no part in this ceremony"
            "l'expéditeur ne participe pas à cette cérémonie";
        662 MessageExists "message_exists" 409 "the sender has sent its message of this step already"
            "l'expéditeur a déjà envoyé son message de cette étape";
        663 WrongCommitmentHash "wrong_commitment_hash" 422 "the commitments are not those whose hash was sent before"
            "les engagements ne sont pas ceux dont l'empreinte a été envoyée avant";
        664 WrongShape "wrong_shape" 422 "the message has not the length that this ceremony gives"
            "le message n'a pas la longueur que donne cette cérémonie";
        665 UnjustifiedComplaint "unjustified_complaint" 422 "the share complained about is right"
            "la part contestée est juste";
        666 BadComplaint "bad_complaint" 422 "the complaint does not prove the shared key it reveals"
            "la plainte ne prouve pas la clé partagée qu'elle révèle";
        667 ThresholdTooLow "threshold_too_low" 422 "one college, or as many trustees as agreement bears to be corrupt, could open the urn alone"
            "un collège, ou autant de dépositaires que l'accord en supporte de corrompus, pourrait ouvrir l'urne à lui seul";
        668 TooFewTrustees "too_few_trustees" 409 "too few participants are left"
            "il reste trop peu de participants";
        669 DegenerateKey "degenerate_key" 422 "a key of the ceremony is the identity or repeated"
            "une clé de la cérémonie est l'identité ou répétée";
        670 WrongShare "wrong_share" 422 "the share does not fit the dealer's commitments"
            "la part ne correspond pas aux engagements de qui la distribue";

        680 NotATrustee "not_a_trustee" 422 "the share's sender is not a qualified trustee"
            "l'expéditeur de la part n'est pas un dépositaire qualifié";
        681 WrongDecryptionShare "wrong_decryption_share" 422 "the proof of the decryption share fails"
            "la preuve de la part de déchiffrement échoue";
        682 TooFewShares "too_few_shares" 409 "there are fewer distinct trustees' shares than the threshold"
            "il y a moins de parts de dépositaires distincts que le seuil";
        683 NoDiscreteLogarithm "no_discrete_logarithm" 409 "a total is not a number that the ballots could add up to"
            "un total n'est pas un nombre que les bulletins puissent atteindre";
        684 SecondTally "second_tally" 409 "this signer has answered another tally of this election already"
            "ce signataire a déjà répondu à un autre dépouillement de cette élection";
        685 AuditMismatch "audit_mismatch" 422 "the revealed seed and choices do not give this ballot"
            "la graine et les choix révélés ne donnent pas ce bulletin";
        686 TotalsMismatch "totals_mismatch" 409 "the totals have not one cell for each cell of the ballots"
            "les totaux n'ont pas une case pour chaque case des bulletins";
        687 BadTracker "bad_tracker" 422 "the tracker is mistyped"
            "le code de suivi est mal recopié";
        688 OtherUrn "other_urn" 422 "the share is for another urn"
            "la part est pour une autre urne";
    }
}
