//! The question compiler: public questions become hidden bits and affine forms over them. `bit` forms are each 0 or 1, `zero`
//! forms are each 0, `enc` forms are the encrypted cells. All questions of an election share one vector of bits and one
//! proof. Whatever the forms accept is a valid answer, and every valid answer is accepted (`tests/compile.rs` enumerates
//! small questions exhaustively).
mod assign;
mod count;

use crate::{
    Refusal,
    form::{Form, Sum},
    plant::{self, Plant},
    question::{Blank, CensusMode, NoOpinion, Opening, Question},
    transcript::Transcript,
    wire::length,
};
use std::ops::Range;

pub use assign::Assignment;
pub use count::QuestionTally;

/// Version of the compiled form; part of its digest.
pub const COMPILED_VERSION: u16 = 1;
/// Hidden bits and cells together: 32 bytes each and 512 bytes besides make at most 62 KB, below the 64 KiB of a transaction.
pub const BITS_AND_CELLS_MAX: usize = 1_920;
/// What one ballot may add to a cell: 4 million members times 2^12 is 2^34, whose logarithm takes 2^17 steps to find.
pub const CELL_MAX: i64 = 1 << 12;
/// Questions of one election.
pub const QUESTIONS_MAX: usize = urne_types::limits::QUESTIONS_MAX;

/// Questions in the form that is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    questions: Vec<Question>,
    layouts: Vec<Layout>,
    variables: usize,
    bit: Vec<Form>,
    zero: Vec<Form>,
    enc: Vec<Form>,
    opening: Opening,
    digest: [u8; 32],
}

/// Where a question's bits and cells stand among those of its election.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    variables: Range<usize>,
    cells: Range<usize>,
}

impl Compiled {
    /// Compiles the questions of one election.
    ///
    /// # Errors
    /// [`Refusal::NoSealedQuestion`], [`Refusal::BadQuestion`], [`Refusal::MixedOpening`], [`Refusal::FormTooLarge`],
    /// [`Refusal::TooManyCells`], [`Refusal::CellTooLarge`].
    pub fn new(questions: &[Question]) -> Result<Self, Refusal> {
        let opening = questions.first().ok_or(Refusal::NoSealedQuestion)?.opening();
        if QUESTIONS_MAX < questions.len() {
            return Err(Refusal::TooManyCells);
        }
        if questions.iter().any(|it| it.opening() != opening) {
            return Err(Refusal::MixedOpening);
        }
        let mut builder = Builder::default();
        let mut layouts = Vec::with_capacity(questions.len());
        for question in questions {
            question.verify()?;
            layouts.push(builder.question(question)?);
        }
        if builder.enc.iter().any(|form| CELL_MAX < form.maximum()) {
            return Err(Refusal::CellTooLarge);
        }
        let Builder { variables, bit, zero, enc } = builder;
        let mut compiled =
            Self { questions: questions.to_vec(), layouts, variables, bit, zero, enc, opening, digest: [0; 32] };
        let mut transcript = Transcript::new("urne.v1 compiled questions");
        transcript.append("compiled", &compiled.encode());
        compiled.digest = transcript.digest();
        Ok(compiled)
    }
    /// Canonical bytes of everything a proof depends on: version u16, questions, number of hidden bits, then bit, zero and
    /// enc forms, each list after its length u32.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = COMPILED_VERSION.to_le_bytes().to_vec();
        bytes.extend_from_slice(&length(self.questions.len()));
        self.questions.iter().for_each(|question| question.encode_into(&mut bytes));
        bytes.extend_from_slice(&length(self.variables));
        for forms in [&self.bit, &self.zero, &self.enc] {
            bytes.extend_from_slice(&length(forms.len()));
            forms.iter().for_each(|form| form.encode_into(&mut bytes));
        }
        bytes
    }
    /// Hash of [`Self::encode`] under `urne.v1 compiled questions`.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
    /// As asked.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }
    /// N, the number of hidden bits.
    #[must_use]
    pub const fn bits(&self) -> usize {
        self.variables
    }
    /// M, the number of encrypted cells, and of keys.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.enc.len()
    }
    /// The forms that are 0 or 1.
    #[must_use]
    pub fn bit_forms(&self) -> &[Form] {
        &self.bit
    }
    /// The forms that are 0.
    #[must_use]
    pub fn zero_forms(&self) -> &[Form] {
        &self.zero
    }
    /// The forms that are encrypted.
    #[must_use]
    pub fn enc_forms(&self) -> &[Form] {
        &self.enc
    }
    /// How ballots on these questions are opened.
    #[must_use]
    pub const fn opening(&self) -> Opening {
        self.opening
    }
    /// Whether these questions may be asked of such a census.
    ///
    /// # Errors
    /// [`Refusal::RankingWithPublishedKeys`]: ballots opened one by one would each have a name.
    pub const fn admit(&self, census: CensusMode) -> Result<(), Refusal> {
        match (self.opening, census) {
            (Opening::OneByOne, CensusMode::PublishedKeys) => Err(Refusal::RankingWithPublishedKeys),
            _ => Ok(()),
        }
    }
    /// Whether these bits satisfy every bit form and every zero form.
    #[must_use]
    pub fn accepts(&self, bits: &[u8]) -> bool {
        bits.len() == self.variables
            && self.bit.iter().all(|form| matches!(form.of_bits(bits), 0 | 1))
            && self.zero.iter().all(|form| form.of_bits(bits) == 0)
    }
}

/// The weights of digits that cover exactly 0..=max: 1, 2, …, 2^(k−2), max − 2^(k−1) + 1. Plain powers of two would let a
/// score of 7 pass where 5 is the most.
pub(crate) fn digits(max: u64) -> Vec<u64> {
    let k = u64::BITS - max.leading_zeros();
    if k == 0 {
        return Vec::new();
    }
    if plant::is(Plant::PlainPowersOfTwo) {
        return (0..k).map(|at| 1 << at).collect();
    }
    (0..k - 1).map(|at| 1 << at).chain([max - (1 << (k - 1)) + 1]).collect()
}

#[derive(Default)]
struct Builder {
    variables: usize,
    bit: Vec<Form>,
    zero: Vec<Form>,
    enc: Vec<Form>,
}

impl Builder {
    fn question(&mut self, question: &Question) -> Result<Layout, Refusal> {
        let (variables, cells) = (self.variables, self.enc.len());
        match question {
            Question::OneOf { choices, blank } => self.one_of(usize::from(*choices) + usize::from(blank.byte()))?,
            Question::Approval { choices, at_least, at_most, blank } => {
                self.approval((*choices).into(), (*at_least).into(), (*at_most).into(), *blank)?;
            }
            Question::Judgment { choices, grades, no_opinion, blank } => {
                let cells = usize::from(*grades) + usize::from(*no_opinion == NoOpinion::Allowed);
                self.judgment((*choices).into(), cells, *blank)?;
            }
            Question::Score { choices, max, points, blank } => {
                self.score((*choices).into(), (*max).into(), points.map(u64::from), *blank)?;
            }
            Question::Condorcet { choices, blank } => self.condorcet((*choices).into(), *blank)?,
            Question::Budget { costs, budget, blank } => self.budget(costs, *budget, *blank)?,
            Question::Ranking { choices, ranks, at_least } => {
                self.ranking((*choices).into(), (*ranks).into(), (*at_least).into())?;
            }
        }
        Ok(Layout { variables: variables..self.variables, cells: cells..self.enc.len() })
    }

    /// One row, the last cell implicit.
    fn one_of(&mut self, cells: usize) -> Result<(), Refusal> {
        let row = self.bits(cells - 1)?;
        if 1 < row.len() {
            self.implicit_cell(&Sum::constant(1), row.clone())?;
        }
        self.encrypt_each(row)
    }

    /// A bit per choice; between `at_least` and `at_most` of them, or none of them when blank.
    fn approval(&mut self, choices: usize, at_least: u64, at_most: u64, blank: Blank) -> Result<(), Refusal> {
        let marks = self.bits(choices)?;
        let (is_blank, expressed) = self.blank(blank)?;
        if at_least == 0 && usize::try_from(at_most) == Ok(choices) {
            self.exclude(is_blank.as_ref(), marks.clone())?;
        } else {
            // Σ marks + slack = at_most · (1 − blank), with slack in 0..=at_most − at_least.
            let slack = self.number(at_most - at_least)?;
            self.sums_to(Sum::of_range(marks.clone()).plus(1, &slack), at_most, &expressed)?;
        }
        self.encrypt_each(marks)?;
        self.encrypt_blank(is_blank)
    }

    /// One row per choice; every row is empty when blank.
    fn judgment(&mut self, choices: usize, cells: usize, blank: Blank) -> Result<(), Refusal> {
        self.room(choices.saturating_mul(cells - 1))?;
        let rows: Vec<Range<usize>> = (0..choices).map(|_| self.bits(cells - 1)).collect::<Result<_, _>>()?;
        let (is_blank, expressed) = self.blank(blank)?;
        for row in &rows {
            if 1 < row.len() || is_blank.is_some() {
                self.implicit_cell(&expressed, row.clone())?;
            }
        }
        for row in rows {
            self.encrypt_each(row)?;
        }
        self.encrypt_blank(is_blank)
    }

    /// A number from 0 to `max` per choice, all zero when blank; together at most `points`.
    fn score(&mut self, choices: usize, max: u64, points: Option<u64>, blank: Blank) -> Result<(), Refusal> {
        let first = self.variables;
        let scores: Vec<Sum> = (0..choices).map(|_| self.number(max)).collect::<Result<_, _>>()?;
        let digits = first..self.variables;
        let (is_blank, expressed) = self.blank(blank)?;
        match points {
            None => self.exclude(is_blank.as_ref(), digits)?,
            Some(points) => {
                let slack = self.number(points)?;
                let spent = scores.iter().fold(slack, |sum, score| sum.plus(1, score));
                self.sums_to(spent, points, &expressed)?;
            }
        }
        for score in scores {
            self.encrypt(score)?;
        }
        self.encrypt_blank(is_blank)
    }

    /// A bit per project; the costs of the marked ones and a slack make the budget.
    fn budget(&mut self, costs: &[u64], budget: u64, blank: Blank) -> Result<(), Refusal> {
        let projects = self.bits(costs.len())?;
        let (is_blank, expressed) = self.blank(blank)?;
        let slack = self.number(budget)?;
        self.sums_to(Sum::weighted(projects.start, costs).plus(1, &slack), budget, &expressed)?;
        self.encrypt_each(projects)?;
        self.encrypt_blank(is_blank)
    }

    /// Pairwise bits m_ab (a < b, "a before b"), encrypted, and a hidden permutation matrix q, where q_al says that a wins
    /// exactly l comparisons. Wins 0, 1, …, c−1, each once, are those of a strict order and of nothing else (Landau): a
    /// cycle has no such matrix.
    fn condorcet(&mut self, c: usize, blank: Blank) -> Result<(), Refusal> {
        let k = c - 1;
        self.room((c * k / 2).saturating_add(k * k))?;
        let pairs = self.bits(c * k / 2)?;
        let square = self.bits(k * k)?;
        let (is_blank, expressed) = self.blank(blank)?;
        if is_blank.is_some() {
            self.exclude(is_blank.as_ref(), pairs.clone())?;
        }
        // q with its last row and column, so that each row and each column sums to 1 − blank.
        let mut q: Vec<Vec<Sum>> =
            (0..k).map(|a| (0..k).map(|l| Sum::variable(square.start + a * k + l)).collect()).collect();
        for row in &mut q {
            let last = row.iter().fold(expressed.clone(), |left, cell| left.minus(cell));
            row.push(last);
        }
        let last: Vec<Sum> =
            (0..c).map(|l| q.iter().fold(expressed.clone(), |left, row| left.minus(&row[l]))).collect();
        q.push(last);
        for (a, row) in q.iter().enumerate() {
            for (l, cell) in row.iter().enumerate() {
                if a == k || l == k {
                    self.bit_form(cell.clone())?;
                }
            }
        }
        for (a, row) in q.iter().enumerate() {
            let mut wins = Sum::default();
            for b in 0..c {
                let pair = |a: usize, b: usize| Sum::variable(pairs.start + pair_index(c, a, b));
                match a.cmp(&b) {
                    std::cmp::Ordering::Less => wins = wins.plus(1, &pair(a, b)),
                    std::cmp::Ordering::Greater => wins = wins.plus(1, &expressed).minus(&pair(b, a)),
                    std::cmp::Ordering::Equal => {}
                }
            }
            let as_many = (0_i64..).zip(row).fold(wins, |sum, (l, cell)| sum.plus(-l, cell));
            self.zero.push(as_many.finish()?);
        }
        self.encrypt_each(pairs)?;
        self.encrypt_blank(is_blank)
    }

    /// q_al, "a stands at rank l": each candidate at most once, each rank at most once, no gap before a rank that is
    /// filled. The cell of a rank holds the candidate's number from 1, or 0.
    fn ranking(&mut self, choices: usize, ranks: usize, at_least: usize) -> Result<(), Refusal> {
        let matrix = self.bits(choices.saturating_mul(ranks))?;
        let q = |a: usize, l: usize| Sum::variable(matrix.start + a * ranks + l);
        for a in 0..choices {
            self.bit_form((0..ranks).fold(Sum::default(), |sum, l| sum.plus(1, &q(a, l))))?;
        }
        let filled: Vec<Sum> =
            (0..ranks).map(|l| (0..choices).fold(Sum::default(), |sum, a| sum.plus(1, &q(a, l)))).collect();
        for (l, here) in filled.iter().enumerate() {
            self.bit_form(here.clone())?;
            if let Some(next) = filled.get(l + 1) {
                self.bit_form(here.clone().minus(next))?;
            }
        }
        if let Some(last_needed) = at_least.checked_sub(1) {
            self.zero.push(filled[last_needed].clone().minus(&Sum::constant(1)).finish()?);
        }
        for l in 0..ranks {
            self.encrypt(
                (1_i64..).zip(0..choices).fold(Sum::default(), |sum, (number, a)| sum.plus(number, &q(a, l))),
            )?;
        }
        Ok(())
    }

    /// Refuses before anything large is built.
    fn room(&self, bits: usize) -> Result<(), Refusal> {
        if BITS_AND_CELLS_MAX < bits.saturating_add(self.variables).saturating_add(self.enc.len()) {
            return Err(Refusal::TooManyCells);
        }
        Ok(())
    }
    /// New hidden bits, each proven 0 or 1.
    fn bits(&mut self, n: usize) -> Result<Range<usize>, Refusal> {
        self.room(n)?;
        let first = self.variables;
        self.variables += n;
        for j in first..self.variables {
            self.bit_form(Sum::variable(j))?;
        }
        Ok(first..self.variables)
    }
    /// A new hidden number from 0 to `max` exactly.
    fn number(&mut self, max: u64) -> Result<Sum, Refusal> {
        let weights = digits(max);
        let digits = self.bits(weights.len())?;
        Ok(Sum::weighted(digits.start, &weights))
    }
    /// The blank bit, if there is one, and 1 − blank.
    fn blank(&mut self, blank: Blank) -> Result<(Option<Sum>, Sum), Refusal> {
        let one = Sum::constant(1);
        match blank {
            Blank::Refused => Ok((None, one)),
            Blank::Allowed => {
                let z = Sum::variable(self.bits(1)?.start);
                let expressed = one.minus(&z);
                Ok((Some(z), expressed))
            }
        }
    }
    /// The cell of a row that has no bit of its own: what is left of `whole`.
    fn implicit_cell(&mut self, whole: &Sum, row: Range<usize>) -> Result<(), Refusal> {
        if plant::is(Plant::ImplicitCellUnproven) {
            return Ok(());
        }
        self.bit_form(whole.clone().minus(&Sum::of_range(row)))
    }
    /// No bit of the range together with the blank.
    fn exclude(&mut self, is_blank: Option<&Sum>, range: Range<usize>) -> Result<(), Refusal> {
        let Some(is_blank) = is_blank else { return Ok(()) };
        for j in range {
            self.bit_form(Sum::constant(1).minus(is_blank).minus(&Sum::variable(j)))?;
        }
        Ok(())
    }
    /// `sum = total · (1 − blank)`.
    fn sums_to(&mut self, sum: Sum, total: u64, expressed: &Sum) -> Result<(), Refusal> {
        let total = i64::try_from(total).map_err(|_| Refusal::FormTooLarge)?;
        self.zero.push(sum.plus(-total, expressed).finish()?);
        Ok(())
    }
    fn bit_form(&mut self, sum: Sum) -> Result<(), Refusal> {
        self.bit.push(sum.finish()?);
        Ok(())
    }
    fn encrypt(&mut self, sum: Sum) -> Result<(), Refusal> {
        self.room(1)?;
        self.enc.push(sum.finish()?);
        Ok(())
    }
    fn encrypt_each(&mut self, range: Range<usize>) -> Result<(), Refusal> {
        range.map(Sum::variable).try_for_each(|cell| self.encrypt(cell))
    }
    fn encrypt_blank(&mut self, is_blank: Option<Sum>) -> Result<(), Refusal> {
        is_blank.map_or(Ok(()), |z| self.encrypt(z))
    }
}

/// Where the pair (a, b), a < b, stands among the pairs of c choices, in lexicographic order.
pub(crate) const fn pair_index(c: usize, a: usize, b: usize) -> usize {
    a * c - a * (a + 1) / 2 + b - a - 1
}
