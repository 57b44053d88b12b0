using System.Net.WebSockets;
using System.Runtime.CompilerServices;

using RawSocketChat.Receiving;

namespace RawSocketChat.Adapters;

/// <summary>The bytes of a connection's binary messages one after another, as they arrive: for whoever knows no messages.</summary>
internal sealed class BinaryPieces(WebSocketConnection connection, Receiver receiver)
{
    private readonly MessagePieces _pieces = new(receiver);
    private bool _isRefused;

    /// <summary>What has not been taken yet; lent until more is asked for.</summary>
    public ReadOnlyMemory<byte> Rest => _pieces.Rest;

    /// <summary>Takes bytes from the beginning.</summary>
    public void Take(int length) => _pieces.Take(length);

    /// <summary>Forgets what is left: its memory is not lent any more.</summary>
    public void Drop() => _pieces.Drop();

    /// <summary>Asks for more, where nothing is left.</summary>
    /// <param name="cancellationToken">Ends the wait; nothing is lost.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="ConnectionClosedException">The connection did not end as a stream of bytes does.</exception>
    /// <exception cref="InvalidDataException">The peer has sent text.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        while (!_isRefused)
        {
            if (!await _pieces.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                return IsWhole() ? false : throw Failure();
            }

            if (_pieces.Type == WebSocketMessageType.Text)
            {
                Refuse();
            }
            else if (!Rest.IsEmpty)
            {
                return true;
            }
        }

        throw new InvalidDataException("The peer has sent text, where binary messages make a stream of bytes.");
    }

    // What was cut off must not look whole: an end in the middle of a message, or one that tells of an error, is not the stream's.
    private bool IsWhole() => !_pieces.IsInMessage
        && connection.CloseStatus is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable or WebSocketCloseStatus.Empty;

    // Where the peer's close is left for the user to answer, it is answered here: nothing is sent any more in a stream that is cut off.
    private ConnectionClosedException Failure()
    {
        if (connection.CloseStatus is { } status)
        {
            connection.StartClose(status);
        }

        return connection.ClosedException();
    }

    // RFC 6455 §7.4.1: "1003 indicates that an endpoint is terminating the connection because it has received a type of data it cannot accept".
    private void Refuse()
    {
        _isRefused = true;
        Drop();
        _ = connection.CloseAsync(WebSocketCloseStatus.InvalidMessageType, "binary messages only").AsTask();
    }
}
