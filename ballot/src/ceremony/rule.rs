//! How many act together. Who takes part may be fewer than whom the draft names: somebody is silent, or is kept silent. The
//! rules look at both, so that whoever silences others does not need fewer accomplices for it (decision 0094).
use super::Participant;
use crate::{
    Refusal,
    threshold::{Registrars, Trustees},
};

/// How many shares are needed.
pub trait ThresholdRule {
    /// Evaluated on those whom the draft declares and those of them who take part.
    ///
    /// # Errors
    /// [`Refusal::TooFewTrustees`], [`Refusal::ThresholdTooLow`], [`Refusal::WeakRegistrars`].
    fn threshold(declared: &[Participant], present: &[Participant]) -> Result<u16, Refusal>;
}

fn count(n: usize) -> Result<u16, Refusal> {
    u16::try_from(n).map_err(|_| Refusal::WrongShape)
}

/// The most participants of one college.
fn most_of_one_college(participants: &[Participant]) -> usize {
    let of_college = |it: &Participant| participants.iter().filter(|other| other.college == it.college).count();
    participants.iter().map(of_college).max().unwrap_or(0)
}

/// t = n − max(m, f) of those who take part, with m the most of one college and f = ⌊(n−1)/3⌋: losing one college, or as many
/// as agreement bears, never blocks the urn. Refused unless t is above max(m, f) of those *declared*: no college opens it
/// alone, and secrecy needs as many traitors as agreement, whoever is silent.
impl ThresholdRule for Trustees {
    fn threshold(declared: &[Participant], present: &[Participant]) -> Result<u16, Refusal> {
        if present.is_empty() {
            return Err(Refusal::TooFewTrustees);
        }
        let bearable = |of: &[Participant]| most_of_one_college(of).max(of.len().saturating_sub(1) / 3);
        let t = present.len() - bearable(present);
        if t <= bearable(declared) { Err(Refusal::ThresholdTooLow) } else { count(t) }
    }
}

/// k = the smallest majority of those *declared*, and at least two: at most one request of an entry can be answered, and a
/// second credential needs k corrupt registrars, however many others are silent. Refused where k of them are one college's (it
/// would sign alone), and where fewer than k take part.
impl ThresholdRule for Registrars {
    fn threshold(declared: &[Participant], present: &[Participant]) -> Result<u16, Refusal> {
        let k = (declared.len() / 2 + 1).max(2);
        let is_weak = present.len() < k || k <= most_of_one_college(declared);
        if is_weak { Err(Refusal::WeakRegistrars) } else { count(k) }
    }
}
