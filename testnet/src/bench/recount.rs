//! The count of a majority judgment by somebody who does not trust ours: no shared code, grades are removed one median after
//! the other as Balinski and Laraki define it (2007), which is slow and plain.
use std::{cmp::Ordering, collections::BTreeMap};

/// For each candidate, how many gave each grade, worst first.
pub(crate) type Profile = Vec<u64>;

/// Profiles under "no opinion is the worst grade", from one ballot a voter.
pub(crate) fn profiles(candidates: usize, grades: usize, ballots: &[Vec<Option<u8>>]) -> Vec<Profile> {
    let mut profiles = vec![vec![0; grades]; candidates];
    for ballot in ballots {
        for (profile, grade) in profiles.iter_mut().zip(ballot) {
            profile[usize::from(grade.unwrap_or(0))] += 1;
        }
    }
    profiles
}

/// Ranks 1, 1, 3 by majority value.
pub(crate) fn ranks(names: &[String], profiles: &[Profile]) -> BTreeMap<String, u64> {
    let better_than = |mine: &Profile| profiles.iter().filter(|it| compare(it, mine) == Ordering::Greater).count();
    let rank = |mine: &Profile| 1 + u64::try_from(better_than(mine)).unwrap_or(u64::MAX);
    names.iter().cloned().zip(profiles.iter().map(rank)).collect()
}

/// Takes the lower median of each away until they differ.
fn compare(one: &Profile, other: &Profile) -> Ordering {
    let (mut one, mut other) = (one.clone(), other.clone());
    loop {
        match (take_median(&mut one), take_median(&mut other)) {
            (Some(a), Some(b)) if a == b => {}
            (a, b) => return a.cmp(&b),
        }
        if one.iter().sum::<u64>() == 0 {
            return Ordering::Equal;
        }
    }
}

fn take_median(profile: &mut Profile) -> Option<usize> {
    let mut left = profile.iter().sum::<u64>().div_ceil(2);
    for (grade, n) in profile.iter_mut().enumerate() {
        if left <= *n {
            *n = n.checked_sub(1)?;
            return Some(grade);
        }
        left -= *n;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_taken_away_one_after_the_other() {
        let names = ["a", "b", "c"].map(String::from);
        // All have the median 1 of five; a leans up, c leans down.
        let profiles = vec![vec![1, 2, 2], vec![1, 3, 1], vec![2, 2, 1]];
        let ranks = ranks(&names, &profiles);
        assert_eq!([ranks["a"], ranks["b"], ranks["c"]], [1, 2, 3]);
    }

    #[test]
    fn equal_profiles_share_a_rank_and_no_opinion_is_the_worst_grade() {
        let profiles = profiles(2, 3, &[vec![None, Some(0)], vec![Some(2), Some(2)]]);
        assert_eq!(profiles, [[1, 0, 1], [1, 0, 1]]);
        let ranks = ranks(&["a".into(), "b".into()], &profiles);
        assert_eq!([ranks["a"], ranks["b"]], [1, 1]);
    }
}
