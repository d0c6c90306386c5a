//! Every bound of the protocol, each with its arithmetic. A size that is not here has no bound, and that is a bug.

/// A block's canonical bytes: 2 MiB cross a 100 Mbit/s link in 170 ms, well inside the proposal timeout of 1 s.
pub const BLOCK_BYTES_MAX: usize = 2 << 20;
/// Transactions in a block: an open ballot takes at least 200 bytes, 2 MiB / 200 B = 10,485.
pub const BLOCK_TXS_MAX: usize = 10_000;
/// Any message between nodes: a block and its certificates, twice over.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;
/// Messages below this decode under a smaller allocation limit.
pub const SMALL_MESSAGE_BYTES_MAX: usize = 256 << 10;
/// One transaction: the largest is a census chunk, 1,000 members x 34 bytes = 34 KB, or an election definition.
pub const TX_BYTES_MAX: usize = 64 << 10;
/// Transactions in one `POST /v1/transactions`, and in one gossip batch.
pub const TX_BATCH_MAX: usize = 256;
/// A gossip batch of transactions: 64 KiB, or one transaction of the largest size, plus its lengths.
pub const GOSSIP_BATCH_BYTES_MAX: usize = TX_BYTES_MAX + 4096;

/// Colleges of a chain. A SCIC rarely has more than ten.
pub const COLLEGES_MAX: usize = 64;
/// Validators of a chain: a certificate is then at most 100 x 84 bytes = 8.4 KB.
pub const VALIDATORS_MAX: usize = 100;
/// Power of all validators together: our own sets hold 1,000,000; three times this still fits 64 bits with room.
pub const VOTING_POWER_MAX: u64 = 1 << 40;
/// Administrators of a chain, several per college.
pub const ADMINISTRATORS_MAX: usize = 256;
/// Members in one census chunk.
pub const CENSUS_CHUNK_MAX: usize = 1_000;
/// Members of one census: the largest French commune has 1.4 million electors.
pub const CENSUS_MEMBERS_MAX: u64 = 4_000_000;
/// Questions on one ballot.
pub const QUESTIONS_MAX: usize = 32;
/// Choices (candidates, projects) of one question.
pub const CHOICES_MAX: usize = 1_024;
/// Grades of a majority judgment.
pub const GRADES_MAX: usize = 16;
/// Documents an election refers to.
pub const DOCUMENTS_MAX: usize = 64;
/// A name: a college, a candidate, a grade.
pub const NAME_BYTES_MAX: usize = 256;
/// A title or a question.
pub const TITLE_BYTES_MAX: usize = 1_024;
/// A reason given in public: a cancellation, a suspension.
pub const REASON_BYTES_MAX: usize = 2_048;
/// A network address (multiaddr).
pub const ADDRESS_BYTES_MAX: usize = 256;
/// A path in a Merkle log of at most 2^64 leaves.
pub const MERKLE_PATH_MAX: usize = 64;
/// Blocks in one answer of block sync; bytes are bounded by `MESSAGE_BYTES_MAX` as well.
pub const SYNC_BLOCKS_MAX: usize = 64;
/// Drafts of one administrator, her delegates' included, that wait for approval: she fills her own share, nobody else's.
/// All together at most 256 x 16 x 64 KB = 256 MB, if every administrator means ill.
pub const DRAFTS_MAX: usize = 16;
/// Acts of one administrator, her delegates' included, that wait for approvals: at most 256 x 32 = 8,192 in all.
pub const ACTS_PENDING_MAX: usize = 32;
/// Censuses that one key is bringing at a time.
pub const CENSUSES_INCOMPLETE_MAX: usize = 4;
/// Entries of abandoned attempts at a census that one block removes: 10,000 deletions are some tens of milliseconds.
pub const CENSUS_SWEEP_MAX: usize = 10_000;
/// An election opens within two leap years, so that no draft waits for ever: 2 x 366 days x 86,400,000 ms.
pub const OPENING_MS_MAX: u64 = 2 * 366 * 86_400_000;
/// Colleges that approve an act at least, where there are so many: no act is one college's.
pub const APPROVALS_MIN: u16 = 2;
/// A ballot's sequence may exceed the voter's last one by so much, or one bad device would use up all revotes at once.
pub const SEQUENCE_STEP_MAX: u32 = 64;
/// The highest sequence, so at most as many accepted ballots of one right: 1,024 x about 0.5 KB of block and log are 512 KB
/// that one member can fill, and nobody changes her mind so often.
pub const BALLOTS_PER_RIGHT_MAX: u32 = 1_024;
/// Ballots of one right, and accusations of one validator, that may wait in one mempool: a few changes of mind between two
/// blocks. 50,000 places are then filled by no fewer than 12,500 rights.
pub const WAITING_PER_RIGHT_MAX: usize = 4;
/// Delegations of the administrator role that one administrator may have in force.
pub const DELEGATIONS_MAX: usize = 16;
/// A delegation lasts at most a leap year: 366 days x 86,400,000 ms. A mandate is renewed, not forgotten.
pub const DELEGATION_MS_MAX: u64 = 366 * 86_400_000;
/// Grace after the close of an election: one hour. More would be another closing time.
pub const GRACE_MS_MAX: u32 = 3_600_000;
/// A deadline block comes at once; thirty seconds are some ten rounds of absent proposers. Later is an incident on record.
pub const DEADLINE_LATENESS_MS_MAX: u64 = 30_000;
/// Heights for which an equivocation may still be shown: nodes keep the messages of about 100; the rest is for manual proof.
pub const EVIDENCE_HEIGHTS_MAX: u64 = 100_000;
/// Categories of members that statutes name. A SCIC has three to a dozen.
pub const STATUTES_CATEGORIES_MAX: usize = 64;
/// Kinds of decision with a majority of their own: ordinary, extraordinary, dissolution and a few more.
pub const STATUTES_DECISIONS_MAX: usize = 32;
/// The longest notice that statutes may ask: a year.
pub const NOTICE_MS_MAX: u64 = 366 * 86_400_000;
/// Counters that the count of one election may keep, over all its questions and colleges: 131,072 x 8 bytes are 1 MB, written
/// once per block while the count is under way. A duel of each choice with each other takes 362 choices. The seats that may
/// be drawn count here too, for what the result tells of their lots.
pub const COUNT_CELLS_MAX: usize = 131_072;
/// The result of one question on the ledger: a longer one, which only numbers of thousands of digits give, stays undecided.
pub const RESULT_BYTES_MAX: usize = MESSAGE_BYTES_MAX;
/// Choices of a runoff: each of at most 128 stages has a line of at most 128 counters of 8 bytes, 131 KB of result.
pub const RUNOFF_CHOICES_MAX: usize = 128;
/// Seats that a question may give: each is one step of a count, and may be one reported lot among all lists. The largest
/// assembly there is has 2,980.
pub const SEATS_MAX: u16 = 3_000;
/// Different ballots x projects of a count by equal shares: 20,000 members and 200 projects. Each block of the count takes all of
/// them up again, which is 0.1 to 0.2 s, and does as much further.
pub const EQUAL_SHARES_SUPPORTS_MAX: u64 = 4_000_000;
/// A ballot of such a count is taken for so many projects at least: about what reading it costs beside what it names.
pub const EQUAL_SHARES_PROJECTS_MIN: u64 = 32;
/// Money and votes that a definition names: 2^53, beyond which JSON numbers lose bits.
pub const DECLARED_MAX: u64 = 1 << 53;
/// Work of counting in one block, in units of about 5 ns: 20 million are 100 ms, a tenth of the proposal timeout.
pub const COUNT_UNITS_PER_BLOCK: u64 = 20_000_000;
/// Reading a ballot and taking it apart: about 5 microseconds.
pub const COUNT_BALLOT_UNITS: u64 = 1_000;
/// Asking whether a key is there: a point read, about 5 microseconds.
pub const COUNT_LOOKUP_UNITS: u64 = 1_000;
/// Moving a paper from one pile to another, or putting equal ballots together: two point reads and writes, about 20 microseconds.
pub const COUNT_PAPER_UNITS: u64 = 4_000;
/// A sealed ballot without K, R and σ, which the transaction carries as its sender and signature: 32 bytes for each of A, V, W,
/// S, T, D1, D0, u, φ, w, δ and of at most 1,920 bits and cells: 32 x (11 + 1,920) = 61,792, below a transaction's 65,536.
pub const SEALED_BALLOT_BYTES_MAX: usize = 32 * (11 + 1_920);
/// A message of a ceremony, or a decryption share: at most 62,000 bytes of commitments and five words of proofs.
pub const CEREMONY_BYTES_MAX: usize = 62_000 + 256;
/// The shortest step of a ceremony: one second, some blocks.
pub const CEREMONY_STEP_MS_MIN: u32 = 1_000;
/// The longest step of a ceremony: a week, so that people may take part.
pub const CEREMONY_STEP_MS_MAX: u32 = 7 * 86_400_000;
/// Ceremonies under way: each block looks at all of them.
pub const CEREMONIES_MAX: usize = 16;
/// Members of a group whose sum is decrypted, at least: of two, each knows the other's ballot by her own.
pub const MINIMUM_GROUP_MIN: u32 = 3;
/// Entries of a census that are all keys by more than chance: half of all 32 bytes are sound Ed25519 keys, so as many salted
/// commitments are once in 2^32 censuses, and then another salt helps.
pub const EVIDENT_KEYS_MIN: u64 = 32;
/// Registrars of an election: a few for each college.
pub const REGISTRARS_MAX: usize = 32;
/// Credentials in one registration: each costs about 0.14 ms of pairings, 256 of them 36 ms, and 20 KB.
pub const REGISTRATIONS_MAX: usize = 256;
/// Cells of a piece of an urn that is opened ballot by ballot, where one ballot has not more: a share of 32 x 256 bytes and its
/// proof is 8.3 KB, and a piece is opened in one step of the count, 35 ms with five shares, 270 ms with 67 of 100 trustees.
pub const PIECE_CELLS_MAX: usize = 256;
/// Pieces of one election: a million cells, so 100,000 ballots of ten ranks; the list of their hashes is 131 KB.
pub const PIECES_MAX: u64 = 4_096;
/// Pieces that a trustee is shown at a time: with their shares 32 x (9 + 7 x 8) KB are 2 MB read, and 300 KB shown.
pub const PIECES_SHOWN_MAX: usize = 32;
/// Wrong shares of one trustee in one election, after which it is heard no more: an honest one sends none.
pub const WRONG_SHARES_MAX: u16 = 8;
/// What the registrars of all colleges commit to: registrars x threshold x colleges. They are points of G2, decoded when they
/// come and once more when they are added up: 4,096 of them take 0.6 s, which many blocks share.
pub const CREDENTIAL_COMMITMENTS_MAX: usize = 4_096;
/// Decoding a point: about 4 microseconds.
pub const COUNT_POINT_UNITS: u64 = 800;
/// A step of Horner's rule on points, with a number of two bytes: about 2 microseconds.
pub const COUNT_TERM_UNITS: u64 = 400;
/// Decoding a point of G2: about 150 microseconds.
pub const COUNT_G2_POINT_UNITS: u64 = 30_000;
/// A step of Horner's rule on points of G2: about 20 microseconds.
pub const COUNT_G2_TERM_UNITS: u64 = 4_000;
/// Verifying a share, for each of its cells: about 25 microseconds.
pub const COUNT_SHARE_UNITS: u64 = 5_000;
/// Opening a cell, for each share that it takes: about 15 microseconds.
pub const COUNT_OPENED_UNITS: u64 = 3_000;
/// A point that the search for a total visits: an addition, a part of an inversion, a look into the table: about 0.5
/// microseconds.
pub const COUNT_LOGARITHM_UNITS: u64 = 100;
/// An operation of a count by equal shares: a supporter looked at, a word of a long number. 5 to 10 nanoseconds.
pub const COUNT_OPERATION_UNITS: u64 = 2;
