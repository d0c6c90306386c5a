//! Assemblies under statutes, held from the convocation to the result, which a recount always gives too.
use super::{AGAINST, FOR, HOUR, World, entry, plain_statutes, resolution, under};
use urne_types::{
    CensusId, ElectionId, UnixMs,
    ballot::Answer,
    election::{CensusCommitment, ElectionDefinition},
    governance::Act,
    statutes::Statutes,
};
use urne_vote_contract::{self as contract, QuestionResult, records::CensusState};

pub fn put(world: &mut World, edit: impl FnOnce(&mut Statutes)) {
    let mut statutes = plain_statutes();
    edit(&mut statutes);
    world.act(Act::PutStatutes { statutes: Box::new(statutes) }).unwrap();
}
/// The census of these members, brought and adopted if it was not before.
pub fn census_of(world: &mut World, members: &[(u16, &str)]) -> CensusId {
    let mut entries: Vec<_> = members.iter().map(|(of, member)| entry(*of, member)).collect();
    let id = CensusCommitment::over(&mut entries).unwrap().id();
    let is_adopted = |it: contract::records::CensusRecord| it.state == CensusState::Adopted;
    if contract::census(&world.state, &id).is_some_and(is_adopted) { id } else { world.census(members) }
}
/// Opens in an hour, under the first statutes, with a resolution; scheduled, not open yet.
pub fn convene(
    world: &mut World,
    members: &[(u16, &str)],
    edit: impl FnOnce(&mut ElectionDefinition),
) -> ElectionDefinition {
    let census = census_of(world, members);
    let mut definition = world.definition(census, vec![resolution()]);
    (definition.opens_at, definition.closes_at) = (UnixMs::new(world.now + HOUR), UnixMs::new(world.now + 2 * HOUR));
    definition.statutes = under(1);
    edit(&mut definition);
    definition
}
/// Everyone casts one ballot; then the close and the count.
pub fn conduct(
    world: &mut World,
    definition: ElectionDefinition,
    ballots: &[(String, u16, Vec<Answer>)],
) -> ElectionId {
    let (opens_at, closes_at) = (definition.opens_at.get(), definition.closes_at.get());
    let id = world.schedule(definition);
    world.empty(opens_at);
    let txs: Vec<_> = ballots.iter().map(|(who, of, answers)| world.ballot(who, id, *of, 1, answers)).collect();
    world.block(world.now + 1, &txs).into_iter().for_each(|it| drop(it.unwrap()));
    world.empty(closes_at);
    world.count_through();
    assert_eq!(world.recount(id), world.result(id), "the recount is the count");
    id
}
/// So many members a college; the first `ballots` of each cast what they say.
pub fn assemble(
    world: &mut World,
    members: &[usize],
    ballots: &[Vec<Answer>],
    edit: impl FnOnce(&mut ElectionDefinition),
) -> ElectionId {
    let name = |of: u16, n: usize| format!("{of}/{n}");
    let all = (1_u16..).zip(members).flat_map(|(of, n)| (0..*n).map(move |it| (of, name(of, it))));
    let all: Vec<(u16, String)> = all.collect();
    let members: Vec<(u16, &str)> = all.iter().map(|(of, who)| (*of, who.as_str())).collect();
    let definition = convene(world, &members, edit);
    let cast = (1_u16..)
        .zip(ballots)
        .flat_map(|(of, answers)| answers.iter().enumerate().map(move |(n, it)| (name(of, n), of, vec![it.clone()])));
    conduct(world, definition, &cast.collect::<Vec<_>>())
}
pub fn only(world: &World, id: ElectionId) -> QuestionResult {
    world.result(id).questions.remove(0)
}
pub fn said(pour: usize, contre: usize, blank: usize) -> Vec<Answer> {
    [vec![FOR; pour], vec![AGAINST; contre], vec![Answer::Blank; blank]].concat()
}
