//! One unicast message on one stream: a length, the bytes, and a one-byte acknowledgement back. A length beyond the limit
//! refuses the stream before a byte is allocated; memory then grows only as bytes arrive, within a budget.
use crate::outbox::Payload;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{StreamProtocol, request_response};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The acknowledgement: any other byte is an error, so that a later version may refuse with a reason.
const ACKNOWLEDGED: u8 = 1;
/// The unit of the arrival budget: semaphores count in `u32`.
const BUDGET_UNIT_BYTES: usize = 1024;

/// A message and, on arrival, the room it occupies until the reader has it.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) payload: Payload,
    _room: Option<OwnedSemaphorePermit>,
}

impl Parcel {
    pub(crate) fn outgoing(payload: Payload) -> Self {
        Self { payload, _room: None }
    }

    /// The bytes, without a copy: nobody else holds an arriving payload.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.payload)
    }
}

/// Reads and writes parcels.
#[derive(Clone)]
pub(crate) struct ParcelCodec {
    message_bytes_max: usize,
    /// Shared by every connection of the lane; none on the consensus lane, whose speakers are few and named.
    budget: Option<Arc<Semaphore>>,
    oversized: Arc<AtomicU64>,
}

impl ParcelCodec {
    pub(crate) fn new(message_bytes_max: usize, budget_bytes: Option<usize>, oversized: Arc<AtomicU64>) -> Self {
        let units = |bytes: usize| (bytes.max(message_bytes_max) / BUDGET_UNIT_BYTES + 1).min(Semaphore::MAX_PERMITS);
        let budget = budget_bytes.map(|bytes| Arc::new(Semaphore::new(units(bytes))));
        Self { message_bytes_max, budget, oversized }
    }

    async fn room(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let budget = self.budget.as_ref()?;
        let units = u32::try_from(bytes / BUDGET_UNIT_BYTES + 1).expect("a length that fits 32 bits has fewer KiB");
        Some(Arc::clone(budget).acquire_many_owned(units).await.expect("the budget is never closed"))
    }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl request_response::Codec for ParcelCodec {
    type Protocol = StreamProtocol;
    type Request = Parcel;
    type Response = ();

    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Parcel> {
        let mut length = [0; 4];
        io.read_exact(&mut length).await?;
        let length = u32::from_le_bytes(length);
        let bytes_expected = usize::try_from(length).map_err(|_| refused("length beyond this machine"))?;
        if bytes_expected > self.message_bytes_max {
            self.oversized.fetch_add(1, Ordering::Relaxed);
            return Err(refused("message longer than the lane allows"));
        }
        let room = self.room(bytes_expected).await;
        let mut bytes = Vec::new();
        io.take(u64::from(length)).read_to_end(&mut bytes).await?;
        if bytes.len() != bytes_expected {
            return Err(refused("message shorter than announced"));
        }
        Ok(Parcel { payload: Arc::new(bytes), _room: room })
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<()> {
        let mut answer = [0; 1];
        io.read_exact(&mut answer).await?;
        if answer == [ACKNOWLEDGED] { Ok(()) } else { Err(refused("not an acknowledgement")) }
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        parcel: Parcel,
    ) -> io::Result<()> {
        let length = u32::try_from(parcel.payload.len()).map_err(|_| refused("length beyond 32 bits"))?;
        io.write_all(&length.to_le_bytes()).await?;
        io.write_all(&parcel.payload).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        (): (),
    ) -> io::Result<()> {
        io.write_all(&[ACKNOWLEDGED]).await
    }
}
