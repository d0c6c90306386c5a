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
    213 WrongNumberOfMarks "wrong_number_of_marks" 400 "an answer marks fewer or more choices, or shares out more points, than its question allows" "une réponse marque moins ou plus de choix, ou répartit plus de points, que la question ne le permet";
    214 SharedRank "shared_rank" 400 "this method takes one choice at each rank" "ce mode de scrutin prend un seul choix par rang";
    215 NotDrawn "not_drawn" 400 "an answer judges a choice that was not drawn for this member" "une réponse juge un choix que le tirage n'a pas attribué à ce membre";
    216 VotedInOtherCollege "voted_in_other_college" 409 "this member has voted in another college, and the statutes give one voice a member" "ce membre a voté dans un autre collège, et les statuts donnent une voix par membre";
    217 KeyReplaced "key_replaced" 403 "this key was replaced by another and can cast no more" "cette clé a été remplacée par une autre et ne peut plus voter";
    218 TooManyBallots "too_many_ballots" 409 "this member has cast as many ballots as one right may cast in an election: the last one stands" "ce membre a déposé autant de bulletins qu'un droit de vote en permet pour une élection : le dernier reste valable";

    220 UnknownDraft "unknown_draft" 404 "there is no such draft" "ce projet d'élection n'existe pas";
    221 DraftExists "draft_exists" 409 "this very draft or election exists already, or was withdrawn: change a word" "ce projet ou cette élection existe déjà, ou a été retiré : changez un mot";
    222 TooManyDrafts "too_many_drafts" 429 "too many drafts of this administrator wait for approval: withdraw one" "trop de projets de cet administrateur attendent une approbation : retirez-en un";
    223 NoQuestion "no_question" 400 "an election asks at least one question" "une élection pose au moins une question";
    224 BadChoices "bad_choices" 400 "a question's choices are empty, too few or too many for its method, or repeated" "les choix d'une question sont vides, trop ou trop peu nombreux pour son mode de scrutin, ou répétés";
    225 BadGrades "bad_grades" 400 "a majority judgment needs two to sixteen distinct grades" "un jugement majoritaire demande de deux à seize mentions distinctes";
    226 BadCalendar "bad_calendar" 400 "an election opens before it closes, within two years, with a grace of at most one hour" "une élection ouvre avant de clore, d'ici deux ans, avec une tolérance d'une heure au plus";
    227 UnknownCensus "unknown_census" 404 "there is no such census" "ce fichier électoral n'existe pas";
    228 CensusIncomplete "census_incomplete" 409 "parts of the census have not been brought yet" "il manque des parties du fichier électoral";
    229 CensusNotAdopted "census_not_adopted" 409 "the colleges have not adopted this census" "les collèges n'ont pas adopté ce fichier électoral";
    230 CensusOutOfOrder "census_out_of_order" 409 "this is not the next part of the sender's attempt at this census, or its entries are not strictly increasing" "ce n'est pas la partie suivante de cette tentative de l'expéditeur, ou ses lignes ne sont pas strictement croissantes";
    231 CensusMismatch "census_mismatch" 400 "the entries are not those that the census commits to" "les lignes ne sont pas celles qu'annonce le fichier électoral";
    232 CensusTooLarge "census_too_large" 400 "the census is empty or larger than a census may be" "le fichier électoral est vide ou dépasse la taille permise";
    233 CensusComplete "census_complete" 409 "this census is complete already" "ce fichier électoral est déjà complet";
    234 CensusAdopted "census_adopted" 409 "the colleges have adopted this census already" "les collèges ont déjà adopté ce fichier électoral";
    235 BadMethod "bad_method" 400 "a method's setting is out of its range: marks, seats, costs, shares or points" "un réglage du mode de scrutin sort de son intervalle : marques, sièges, coûts, parts ou points";
    236 TooManyCounters "too_many_counters" 400 "the count would need more counters or steps than a block may keep: fewer choices, grades, seats, questions or colleges" "le dépouillement demanderait plus de compteurs ou d'étapes qu'un bloc n'en peut tenir : moins de choix, de mentions, de sièges, de questions ou de collèges";
    237 NotASecondTour "not_a_second_tour" 409 "the first tour is not counted, needs no second one, or did not qualify one of these choices" "le premier tour n'est pas dépouillé, n'appelle pas de second tour, ou n'a pas qualifié l'un de ces choix";
    238 TooManyCensuses "too_many_censuses" 429 "this key is bringing too many censuses: complete or withdraw one" "cette clé apporte déjà trop de fichiers électoraux : complétez-en ou retirez-en un";

    300 NotAnAdministrator "not_an_administrator" 403 "the sender is neither an administrator nor her delegate" "l'expéditeur n'est ni administrateur ni son délégué";
    301 UnknownAct "unknown_act" 404 "there is no such act" "cet acte n'existe pas";
    302 ActExpired "act_expired" 409 "the act has expired" "l'acte a expiré";
    303 AlreadyApproved "already_approved" 409 "an administrator of that college has approved this act already" "un administrateur de ce collège a déjà approuvé cet acte";
    304 ActExists "act_exists" 409 "this very act was proposed already" "cet acte a déjà été proposé";
    305 BadExpiry "bad_expiry" 400 "the expiry lies in the past or too far ahead" "l'échéance est passée ou trop lointaine";
    306 TooManyActs "too_many_acts" 429 "too many acts of this administrator wait for approvals: withdraw one" "trop d'actes de cet administrateur attendent des approbations : retirez-en un";
    307 ActExecuted "act_executed" 409 "the act was executed already" "l'acte a déjà été exécuté";
    308 ActWithdrawn "act_withdrawn" 409 "the act was withdrawn" "l'acte a été retiré";
    309 NotYours "not_yours" 403 "only whoever proposed it, or her delegate, may withdraw it" "seul son auteur ou son délégué peut le retirer";
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
    333 MemberKeyInUse "member_key_in_use" 409 "this key is, or was, a member's by an earlier replacement, or is the same key" "cette clé est ou fut déjà celle d'un membre par un remplacement, ou c'est la même clé";

    340 UnknownStatutes "unknown_statutes" 404 "the ledger has no such version of the statutes" "le registre n'a pas cette version des statuts";
    341 StatutesOutOfOrder "statutes_out_of_order" 409 "this is not the next version of the statutes" "ce n'est pas la version suivante des statuts";
    342 ScicTooFewColleges "scic_too_few_colleges" 400 "a SCIC that has colleges has three or more (loi 47-1775, art. 19 octies)" "une SCIC qui a des collèges en a trois ou plus (loi 47-1775, art. 19 octies)";
    343 ScicCollegeWeight "scic_college_weight" 400 "each college of a SCIC holds between 10 and 50 % of the voting rights (loi 47-1775, art. 19 octies)" "chaque collège d'une SCIC détient entre 10 et 50 % des droits de vote (loi 47-1775, art. 19 octies)";
    344 ScicTooFewCategories "scic_too_few_categories" 400 "a SCIC that names its categories of members has three or more (loi 47-1775, art. 19 septies)" "une SCIC qui nomme ses catégories d'associés en a trois ou plus (loi 47-1775, art. 19 septies)";
    345 WeightsDoNotSum "weights_do_not_sum" 400 "a college has no weight, or the colleges do not weigh 100 % together" "un collège est sans poids, ou les collèges ne pèsent pas 100 % ensemble";
    346 BadStatutes "bad_statutes" 400 "the statutes repeat or leave out a name or a college, or a share or a notice is out of its range" "les statuts répètent ou omettent un nom ou un collège, ou une part ou un délai sort de son intervalle";
    347 StatutesNotInForce "statutes_not_in_force" 409 "the election names statutes that are no longer in force" "l'élection nomme des statuts qui ne sont plus en vigueur";
    348 UnknownDecision "unknown_decision" 400 "the statutes have no majority rule for this kind of decision, or the election names no statutes" "les statuts n'ont pas de règle de majorité pour ce genre de décision, ou l'élection ne nomme pas de statuts";
    349 NotConvened "not_convened" 409 "the statutes ask for a convocation, and the election says none" "les statuts demandent une convocation, et l'élection n'en indique pas";
    350 NoticeTooShort "notice_too_short" 409 "the members were convened later before the opening than the statutes' notice" "les membres ont été convoqués moins longtemps avant l'ouverture que le délai des statuts";
    351 DocumentsTooLate "documents_too_late" 409 "the documents' fingerprints would be on the ledger for less than the statutes' notice" "les empreintes des documents seraient au registre moins longtemps que le délai des statuts";
    352 DocumentsMissing "documents_missing" 400 "fewer documents go with the convocation than the statutes ask" "la convocation porte moins de documents que les statuts n'en demandent";
    353 CollegeNotInStatutes "college_not_in_statutes" 409 "the census has a college that the statutes do not weigh" "le fichier électoral a un collège que les statuts ne pondèrent pas";
    354 NoSecondCall "no_second_call" 409 "the statutes have no second call, or the first call was not one, is not counted, or had its attendance" "les statuts n'ont pas de seconde convocation, ou la première n'en était pas une, n'est pas dépouillée ou avait son quorum";

    400 NotEquivocation "not_equivocation" 400 "the evidence does not show two messages of one validator for one height, round and step" "la preuve ne montre pas deux messages d'un validateur pour une même étape";
    401 EvidenceTooOld "evidence_too_old" 409 "the evidence is of a height too far back" "la preuve porte sur une hauteur trop ancienne";
    402 EvidenceKnown "evidence_known" 409 "this offence is on record already" "cette faute est déjà consignée";

    500 MempoolFull "mempool_full" 503 "the node holds as many waiting transactions as it can: try again later" "le nœud a autant de transactions en attente qu'il peut : réessayez plus tard";
    501 TooManyWaiting "too_many_waiting" 429 "as many ballots of this member, or accusations of this validator, as may wait are waiting for a block already: try again after it" "autant de bulletins de ce membre, ou d'accusations de ce validateur, que permis attendent déjà un bloc : réessayez après celui-ci";
}
}
