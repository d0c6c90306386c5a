//! Every rule that can refuse a transaction: one variant, one stable number, one HTTP status, one sentence in two
//! languages. Numbers are never reused.

crate::numbered! {
/// Refused by a numbered rule.
pub enum Rejection {
    100 Malformed "malformed" 400 "the bytes are not a canonical transaction" "les octets ne sont pas une transaction canonique";
    101 TooLarge "too_large" 413 "the transaction is larger than a transaction may be" "la transaction dépasse la taille permise";
    102 WrongChain "wrong_chain" 409 "the transaction is for another chain" "la transaction est destinée à une autre chaîne";
    103 BadSignature "bad_signature" 403 "the signature is not the sender's" "la signature n'est pas celle de l'expéditeur";
    104 UnsupportedVersion "unsupported_version" 400 "this version of the transaction format is not supported" "cette version du format de transaction n'est pas prise en charge";
    105 AlreadyCommitted "already_committed" 409 "this very transaction is already in the ledger" "cette transaction est déjà dans le registre";

    200 UnknownElection "unknown_election" 404 "there is no such election on this chain" "cette élection n'existe pas sur cette chaîne";
    201 NotOpenYet "not_open_yet" 409 "the election is not open yet" "l'élection n'est pas encore ouverte";
    202 ElectionClosed "election_closed" 409 "the election is closed" "l'élection est close";
    203 ElectionCancelled "election_cancelled" 409 "the election was cancelled" "l'élection a été annulée";
    204 NotInCensus "not_in_census" 403 "this key is not in the census of that college for this election" "cette clé ne figure pas au fichier électoral de ce collège pour cette élection";
    205 AlreadyVoted "already_voted" 409 "this member has voted and the election does not allow a second ballot" "ce membre a déjà voté et l'élection n'autorise pas de second bulletin";
    206 SequenceTooOld "sequence_too_old" 409 "a ballot of this member with the same or a later sequence is already in the urn" "un bulletin de ce membre de même numéro ou plus récent est déjà dans l'urne";
    207 SequenceTooFar "sequence_too_far" 400 "the sequence leaps too far ahead of the member's last ballot" "le numéro du bulletin saute trop loin après le précédent";
    208 MemberSuspended "member_suspended" 403 "this member is suspended and can cast no more ballots" "ce membre est suspendu et ne peut plus voter";
    209 WrongAnswerCount "wrong_answer_count" 400 "a ballot gives one answer to each question" "un bulletin donne une réponse à chaque question";
    210 UnknownChoice "unknown_choice" 400 "an answer names a choice or a grade that the question does not have" "une réponse désigne un choix ou une mention absente de la question";
    211 WrongAnswerKind "wrong_answer_kind" 400 "an answer is not of the kind that the question's method takes" "une réponse n'est pas du type attendu par le mode de scrutin";
    212 AnswerNotCanonical "answer_not_canonical" 400 "an answer is empty, repeated or out of order" "une réponse est vide, répétée ou dans le désordre";

    220 UnknownDraft "unknown_draft" 404 "there is no such draft" "ce projet d'élection n'existe pas";
    221 DraftExists "draft_exists" 409 "this very draft or election exists already" "ce projet ou cette élection existe déjà";
    222 TooManyDrafts "too_many_drafts" 429 "too many drafts wait for approval" "trop de projets attendent une approbation";
    223 NoQuestion "no_question" 400 "an election asks at least one question" "une élection pose au moins une question";
    224 BadChoices "bad_choices" 400 "a question's choices are empty, too few or too many for its method, or repeated" "les choix d'une question sont vides, trop ou trop peu nombreux pour son mode de scrutin, ou répétés";
    225 BadGrades "bad_grades" 400 "a majority judgment needs two to sixteen distinct grades" "un jugement majoritaire demande de deux à seize mentions distinctes";
    226 BadCalendar "bad_calendar" 400 "an election opens before it closes, in the future, with a grace of at most one hour" "une élection ouvre avant de clore, dans le futur, avec une tolérance d'une heure au plus";
    227 UnknownCensus "unknown_census" 404 "there is no such census" "ce fichier électoral n'existe pas";
    228 CensusIncomplete "census_incomplete" 409 "parts of the census have not been brought yet" "il manque des parties du fichier électoral";
    229 CensusNotAdopted "census_not_adopted" 409 "the colleges have not adopted this census" "les collèges n'ont pas adopté ce fichier électoral";
    230 CensusOutOfOrder "census_out_of_order" 409 "this is not the next part of the census, or its entries are not strictly increasing" "ce n'est pas la partie suivante du fichier électoral, ou ses lignes ne sont pas strictement croissantes";
    231 CensusMismatch "census_mismatch" 400 "the entries are not those that the census commits to" "les lignes ne sont pas celles qu'annonce le fichier électoral";
    232 CensusTooLarge "census_too_large" 400 "the census is empty or larger than a census may be" "le fichier électoral est vide ou dépasse la taille permise";
    233 CensusComplete "census_complete" 409 "this census is complete already" "ce fichier électoral est déjà complet";
    234 CensusAdopted "census_adopted" 409 "the colleges have adopted this census already" "les collèges ont déjà adopté ce fichier électoral";

    300 NotAnAdministrator "not_an_administrator" 403 "the sender is neither an administrator nor her delegate" "l'expéditeur n'est ni administrateur ni son délégué";
    301 UnknownAct "unknown_act" 404 "there is no such act" "cet acte n'existe pas";
    302 ActExpired "act_expired" 409 "the act has expired" "l'acte a expiré";
    303 AlreadyApproved "already_approved" 409 "an administrator of that college has approved this act already" "un administrateur de ce collège a déjà approuvé cet acte";
    304 ActExists "act_exists" 409 "this very act was proposed already" "cet acte a déjà été proposé";
    305 BadExpiry "bad_expiry" 400 "the expiry lies in the past or too far ahead" "l'échéance est passée ou trop lointaine";
    306 TooManyActs "too_many_acts" 429 "too many acts wait for approvals" "trop d'actes attendent des approbations";
    307 ActExecuted "act_executed" 409 "the act was executed already" "l'acte a déjà été exécuté";
    310 UnknownValidator "unknown_validator" 404 "there is no such validator" "ce validateur n'existe pas";
    311 ValidatorExists "validator_exists" 409 "a validator with this key or this network node exists already" "un validateur avec cette clé ou ce nœud existe déjà";
    312 BreaksCollegeRule "breaks_college_rule" 409 "one college would hold a third of the power or more, or none would be left" "un collège détiendrait un tiers du pouvoir ou plus, ou il n'en resterait aucun";
    313 UnknownCollege "unknown_college" 404 "there is no such college" "ce collège n'existe pas";
    314 BadValidatorRecord "bad_validator_record" 400 "the validator's record is not signed with its own consensus key for this chain" "la fiche du validateur n'est pas signée avec sa clé de consensus pour cette chaîne";
    315 AdministratorExists "administrator_exists" 409 "this key is an administrator's already" "cette clé est déjà celle d'un administrateur";
    316 UnknownAdministrator "unknown_administrator" 404 "there is no such administrator" "cet administrateur n'existe pas";
    317 TooFewColleges "too_few_colleges" 409 "fewer colleges would have administrators than an act needs approvals" "il resterait moins de collèges avec administrateur que d'approbations requises";
    318 WrongElectionState "wrong_election_state" 409 "the election is not in a state in which this can be done" "l'élection n'est pas dans un état qui le permet";
    319 EarlyCloseForbidden "early_close_forbidden" 409 "the election's definition does not allow an early close" "la définition de l'élection n'autorise pas de clôture anticipée";
    320 BadParameter "bad_parameter" 400 "the parameter's value is out of its range" "la valeur du paramètre sort de son intervalle";
    321 BadUpgrade "bad_upgrade" 400 "an upgrade names a later version and a height to come" "une mise à niveau désigne une version ultérieure et une hauteur à venir";
    322 MemberNotSuspended "member_not_suspended" 409 "this member is not suspended" "ce membre n'est pas suspendu";
    323 MemberAlreadySuspended "member_already_suspended" 409 "this member is suspended already" "ce membre est déjà suspendu";
    324 ValidatorNotSuspended "validator_not_suspended" 409 "this validator is not suspended" "ce validateur n'est pas suspendu";
    325 ValidatorAlreadySuspended "validator_already_suspended" 409 "this validator is suspended already" "ce validateur est déjà suspendu";
    326 WrongCollege "wrong_college" 409 "the new validator is not of the same college" "le nouveau validateur n'est pas du même collège";
    327 TooManyValidators "too_many_validators" 409 "the chain has as many validators as it can" "la chaîne a autant de validateurs qu'elle peut";
    328 TooManyAdministrators "too_many_administrators" 409 "the chain has as many administrators as it can" "la chaîne a autant d'administrateurs qu'elle peut";
    329 BadKey "bad_key" 400 "a key to be given a role is no point of the curve, or one under which anyone can sign" "une clé à laquelle un rôle est confié n'est pas un point de la courbe, ou n'importe qui peut signer sous elle";
    330 DelegationExists "delegation_exists" 409 "this key is an administrator's or a delegate's already" "cette clé est déjà celle d'un administrateur ou d'un délégué";
    331 UnknownDelegation "unknown_delegation" 404 "there is no such delegation" "cette délégation n'existe pas";
    332 TooManyDelegations "too_many_delegations" 429 "this administrator has too many delegations in force" "cet administrateur a trop de délégations en cours";

    400 NotEquivocation "not_equivocation" 400 "the evidence does not show two messages of one validator for one height, round and step" "la preuve ne montre pas deux messages d'un validateur pour une même étape";
    401 EvidenceTooOld "evidence_too_old" 409 "the evidence is of a height too far back" "la preuve porte sur une hauteur trop ancienne";
    402 EvidenceKnown "evidence_known" 409 "this offence is on record already" "cette faute est déjà consignée";

    500 MempoolFull "mempool_full" 503 "the node holds as many waiting transactions as it can: try again later" "le nœud a autant de transactions en attente qu'il peut : réessayez plus tard";
}
}
