using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace RawSocketChat;

/// <summary>
/// The seam between a connection and the bytes that carry it. Nothing above it knows what is below: a socket, TLS, a pipe in memory.
/// </summary>
/// <remarks>
/// What a transport owes to the connection: received bytes are handed over in place, on the thread that received them, by completing
/// a pending read of <see cref="Input"/> inline; the memory they lie in may be written by the connection (payloads are unmasked where
/// they lie); no receive buffer is held while a read is pending and nothing is unread. Writes are tried at once on the caller's thread.
/// </remarks>
public abstract class Transport : IAsyncDisposable
{
    /// <summary>The received bytes: always the same reader. Used by one at a time.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>The peer's address, or null where there is none.</summary>
    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>This end's address, or null where there is none, or none any more.</summary>
    public virtual EndPoint? LocalEndPoint => null;

    /// <summary>
    /// A number that changes as long as a write that is pending gets on: what the peer has taken, as far as the transport can tell. Only that it
    /// changes has a meaning. For any thread, any time; a transport that cannot tell leaves it as it is.
    /// </summary>
    public virtual long WriteProgress => 0;

    /// <summary>The thread that this connection belongs to; null where it belongs to none.</summary>
    internal virtual ITransportLoop? Loop => null;

    /// <summary>Whether what it completes goes on on threads of the pool, on which anybody may stay.</summary>
    internal virtual bool IsOnThePool => false;

    /// <summary>
    /// Sends bytes. One call at a time: the next one comes after the last one's completion. Completes, synchronously wherever possible,
    /// when the memory is no longer used.
    /// </summary>
    /// <param name="bytes">At least one byte.</param>
    /// <returns>The completion; it fails with an <see cref="IOException"/>, a socket's exception or an <see cref="ObjectDisposedException"/>.</returns>
    public abstract ValueTask WriteAsync(ReadOnlySequence<byte> bytes);

    /// <summary>Ends the sending direction behind what was written; the peer then reads the end. Receiving goes on.</summary>
    /// <returns>The completion; it fails as <see cref="WriteAsync"/> does.</returns>
    public abstract ValueTask ShutdownAsync();

    /// <summary>
    /// Leaves the memory that <see cref="Input"/> has shown untouched from here on, and goes on in another: reading must go on though
    /// somebody may still be looking at it. Called by the reader, between two reads.
    /// </summary>
    public virtual void DetachInput()
    {
    }

    /// <summary>The same bytes as a stream, for what is built on one, such as TLS. In place of <see cref="Input"/> and the writes.</summary>
    /// <returns>A stream whose reads of zero bytes wait for data. Disposing it changes nothing.</returns>
    public virtual Stream AsStream() => new TransportStream(this);

    /// <summary>Cuts the connection at once: pending reads and writes fail. For any thread, any number of times.</summary>
    public abstract void Abort();

    /// <summary>Closes the connection and gives back every buffer. To be called once, when nothing reads or writes any more.</summary>
    /// <returns>The completion.</returns>
    public abstract ValueTask DisposeAsync();
}
