//! Every error of the API as an RFC 9457 problem, always with a stable number and name. A rule of the protocol keeps its own
//! number and status (`urne_types::Rejection`, below 900); what only HTTP can get wrong is the table below.
use super::dto;
use axum::response::{IntoResponse, Response};
use urne_ledger::{NoProof, StoreError};
use urne_types::{Rejection, TxId};

urne_types::numbered! {
/// What HTTP can get wrong, beside the rules of the protocol.
pub enum Fault {
    900 UnknownRoute "unknown_route" 404 "there is nothing at this address: see /v1/openapi.json" "il n'y a rien à cette adresse : voir /v1/openapi.json";
    901 MethodNotAllowed "method_not_allowed" 405 "this address does not take this method" "cette adresse n'accepte pas cette méthode";
    902 BodyTooLarge "body_too_large" 413 "the body is larger than this node takes: send fewer transactions at once" "le corps de la requête dépasse ce que ce nœud accepte : envoyez moins de transactions à la fois";
    903 RequestTimeout "request_timeout" 408 "the request did not arrive in time" "la requête n'est pas arrivée à temps";
    904 RateLimited "rate_limited" 429 "too many requests from this address: wait as long as Retry-After says" "trop de requêtes depuis cette adresse : attendez le temps indiqué par Retry-After";
    905 NotReady "not_ready" 503 "the node is not ready" "le nœud n'est pas prêt";
    906 BadParameter "bad_parameter" 400 "a parameter is missing or not of its form" "un paramètre manque ou n'a pas la forme attendue";
    907 UnknownTransaction "unknown_transaction" 404 "this node has never heard of this transaction" "ce nœud n'a jamais entendu parler de cette transaction";
    908 UnknownBlock "unknown_block" 404 "there is no block of this height yet" "il n'y a pas encore de bloc à cette hauteur";
    909 NoResult "no_result" 404 "the election has no result: it is not counted yet, or it was cancelled" "l'élection n'a pas de résultat : elle n'est pas encore dépouillée, ou elle a été annulée";
    910 BadBatch "bad_batch" 400 "the body is not a canonical batch of 1 to 256 transactions" "le corps n'est pas un lot canonique de 1 à 256 transactions";
    911 UnsupportedMediaType "unsupported_media_type" 415 "send application/octet-stream for one transaction, application/vnd.urne.batch for a batch" "envoyez application/octet-stream pour une transaction, application/vnd.urne.batch pour un lot";
    912 NotCommitted "not_committed" 404 "the transaction is not in the ledger, so far: there is nothing to prove" "la transaction n'est pas encore dans le registre : il n'y a rien à prouver";
    913 NotABallot "not_a_ballot" 404 "the transaction casts no ballot: there is no proof of vote" "la transaction n'est pas un bulletin : il n'y a pas de preuve de vote";
    914 InboxFull "inbox_full" 503 "the node has more to do than it can: try again soon" "le nœud est débordé : réessayez bientôt";
    915 TooManyRequests "too_many_requests" 503 "the node serves as many requests as it can: try again soon" "le nœud sert autant de requêtes qu'il peut : réessayez bientôt";
    916 TooManyListeners "too_many_listeners" 503 "the node feeds as many event streams as it can: poll, or ask another node" "le nœud alimente autant de flux d'événements qu'il peut : interrogez-le, ou adressez-vous à un autre nœud";
    917 TooManyConnections "too_many_connections" 503 "the node has as many connections as it can: try again soon" "le nœud a autant de connexions qu'il peut : réessayez bientôt";
    918 BodyBroken "body_broken" 400 "the body ended before it was complete" "le corps de la requête s'est interrompu";
    919 NoAnswer "no_answer" 503 "the node did not answer in time; the transaction may or may not wait: ask for it, or send it again" "le nœud n'a pas répondu à temps ; la transaction attend peut-être : demandez-la, ou envoyez-la de nouveau";
    920 Internal "internal" 500 "the node could not read its own data: its operator should look at its log" "le nœud n'a pas pu lire ses propres données : son exploitant doit regarder son journal";
    921 CollectionFull "collection_full" 503 "this node collects as many credentials as it can: try again later, or ask another node" "ce nœud rassemble autant de clés de vote qu'il peut : réessayez plus tard, ou adressez-vous à un autre nœud";
    922 BadDocument "bad_document" 400 "the body is not the JSON document that this address takes" "le corps n'est pas le document JSON que cette adresse attend";
}
}

/// An error on its way to a client. Boxed: answers travel through results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(Box<dto::Problem>);

impl Problem {
    fn new(code: u16, name: &str, status: u16, title: &str, detail: &str) -> Self {
        Self(Box::new(dto::Problem::new(code, name, status, title, detail)))
    }
    /// Adds what is particular to this occurrence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
    /// Names the transaction.
    #[must_use]
    pub fn about(mut self, txid: Option<TxId>) -> Self {
        self.0.txid = txid;
        self
    }
    /// Says when to come back.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds.max(1));
        self
    }
    /// As a client reads it.
    #[must_use]
    pub fn body(&self) -> &dto::Problem {
        &self.0
    }
    /// A parameter is not of its form.
    #[must_use]
    pub fn parameter(name: &str, expected: &str) -> Self {
        Self::from(Fault::BadParameter).hint(format!("'{name}': {expected}"))
    }
}

impl From<Fault> for Problem {
    fn from(it: Fault) -> Self {
        Self::new(it.code(), it.name(), it.http_status(), it.english(), it.french())
    }
}
impl From<Rejection> for Problem {
    fn from(it: Rejection) -> Self {
        Self::new(it.code(), it.name(), it.http_status(), it.english(), it.french())
    }
}
impl From<StoreError> for Problem {
    fn from(it: StoreError) -> Self {
        tracing::error!(error = %it, "the API could not read the ledger");
        Fault::Internal.into()
    }
}
impl From<NoProof> for Problem {
    fn from(it: NoProof) -> Self {
        match it {
            NoProof::Store(e) => e.into(),
            NoProof::NotCommitted(txid) => Self::from(Fault::NotCommitted).about(Some(txid)),
            NoProof::NotABallot(txid) => Self::from(Fault::NotABallot).about(Some(txid)),
            NoProof::OutOfRange { .. } => Self::from(Fault::BadParameter).hint(it.to_string()),
        }
    }
}
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.0.as_ref().into_response()
    }
}
