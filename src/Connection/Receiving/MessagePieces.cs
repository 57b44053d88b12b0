using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace RawSocketChat.Receiving;

/// <summary>
/// The pieces of one message after another as they arrive, for whoever hands them on in portions of another size. Like the receiver: for one
/// caller at a time.
/// </summary>
internal sealed class MessagePieces(Receiver receiver)
{
    /// <summary>What has not been taken of the present piece; lent until the next one is asked for.</summary>
    public ReadOnlyMemory<byte> Rest { get; private set; }

    /// <summary>Whether there is a piece that has not been taken to its end, be it an empty one.</summary>
    public bool HasPiece { get; private set; }

    /// <summary>The present piece's message is text or binary.</summary>
    public WebSocketMessageType Type { get; private set; }

    /// <summary>Whether more of the message that was taken from last is to come, behind the present piece.</summary>
    public bool IsInMessage { get; private set; }

    /// <summary>Asks for the next piece, where there is none.</summary>
    /// <param name="cancellationToken">Ends the wait; nothing is lost.</param>
    /// <returns>False where the connection has ended, or the peer has closed.</returns>
    /// <exception cref="InvalidOperationException">Another receive is pending, or a message is being read as a stream elsewhere.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        var next = receiver.MoveNextAsync(IsInMessage ? Wanted.NextPiece : Wanted.FirstPiece, cancellationToken);
        return next.IsCompletedSuccessfully ? new(Accept(next.Result)) : AcceptAsync(next);
    }

    /// <summary>Copies what fits.</summary>
    /// <param name="target">Where to.</param>
    /// <returns>How many bytes.</returns>
    public int CopyTo(Span<byte> target)
    {
        var length = Math.Min(target.Length, Rest.Length);
        Rest.Span[..length].CopyTo(target);
        Take(length);
        return length;
    }

    /// <summary>Takes bytes from the piece's beginning.</summary>
    public void Take(int length)
    {
        Rest = Rest[length..];
        HasPiece = !Rest.IsEmpty;
    }

    /// <summary>Forgets what is left of the piece: its memory is not lent any more.</summary>
    public void Drop() => (Rest, HasPiece) = (default, false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AcceptAsync(ValueTask<bool> next) => Accept(await next.ConfigureAwait(false));

    private bool Accept(bool isThere)
    {
        if (isThere)
        {
            (Rest, Type) = (receiver.Message.Payload, receiver.Message.Type);
            IsInMessage = !receiver.EndOfMessage;
        }

        HasPiece = isThere;
        return isThere;
    }
}
