//! One member before one election: where she may vote, and how far she has come. An open ballot names its member in public;
//! this tells a member's own program which number her next ballot takes. In a secret election the key is her credential, on the
//! census or registered, which the ledger shows too.
use super::{
    app::App,
    dto,
    parameters::{parse, parse_name},
    problem::Problem,
};
use axum::{
    Json,
    extract::{Path, State},
};
use urne_types::{
    ElectionId, PublicKey, Rejection,
    election::{BallotKind, CensusEntry},
};
use urne_vote_contract::{
    read,
    sealed::{self, records::Eligible},
};

/// `GET /v1/elections/{id}/members/{key}`.
pub(crate) async fn show(
    State(app): State<App>,
    Path((id, key)): Path<(String, String)>,
) -> Result<Json<dto::Member>, Problem> {
    let id: ElectionId = parse_name(&id)?;
    let member: PublicKey = parse("key", &key, "64 lower-case hex digits")?;
    app.read(move |_, state| {
        let gate = read::gate(state, &id).ok_or(Rejection::UnknownElection)?;
        let census = read::census(state, &gate.census).ok_or(Rejection::UnknownCensus)?;
        let is_registered = sealed::sealed_gate(state, &id).is_some_and(|it| it.eligible == Eligible::Registered);
        let entries: Vec<CensusEntry> = if is_registered {
            let found = sealed::credential(state, &id, &member.0);
            found.map(|it| CensusEntry { college: it.college, member }).into_iter().collect()
        } else {
            let entries = census.commitment.members.iter().map(|&(college, _)| CensusEntry { college, member });
            entries.filter(|it| read::is_in_census(state, &gate.census, it)).collect()
        };
        let colleges = entries.into_iter().map(|entry| {
            let last_sequence = match gate.secrecy {
                BallotKind::Open => read::last_ballot(state, &id, &entry).map(|it| it.sequence),
                BallotKind::Sealed => sealed::last_ballot(state, &id, &entry).map(|it| it.sequence),
            };
            dto::MemberCollege { college: entry.college, last_sequence }
        });
        let suspended = read::member_suspension(state, &member).map(Into::into);
        Ok(Json(dto::Member { election: id, member, suspended, colleges: colleges.collect() }))
    })
    .await
}
