using RawSocketChat.Framing;

namespace RawSocketChat.Sending;

/// <summary>
/// A message that a user sends in fragments of its own making (RFC 6455 §5.4). Whole messages may be sent by any number of callers as long as
/// none is open; the fragments of one are sent one after another.
/// </summary>
internal sealed class OpenMessage(FrameSender sender)
{
    private volatile bool _isOpen;
    private Opcode _opcode;
    private int _isSending;

    /// <summary>Sends a whole message, or the next fragment of the open one.</summary>
    /// <param name="payload">The payload, used until the task is done.</param>
    /// <param name="opcode">Text or binary.</param>
    /// <param name="isFinal">Whether the message ends here.</param>
    /// <param name="isPlain">Whether the message that begins here is not to be compressed.</param>
    /// <param name="cancellationToken">Ends the wait for room; the fragment has not been sent then, and the message is still open.</param>
    /// <exception cref="InvalidOperationException">Another fragment is being sent, or a message from a stream is.</exception>
    /// <exception cref="ArgumentException">The open message is of another type.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload, Opcode opcode, bool isFinal, bool isPlain, CancellationToken cancellationToken) =>
        isFinal && !_isOpen
            ? sender.SendAsync(
                new(opcode, IsFinal: true, payload, Prepared: null, BelongsToOpenMessage: false) { IsPlain = isPlain }, cancellationToken)
            : SendFragmentAsync(payload, opcode, isFinal, isPlain, cancellationToken);

    private async ValueTask SendFragmentAsync(
        ReadOnlyMemory<byte> payload, Opcode opcode, bool isFinal, bool isPlain, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isSending, 1) != 0)
        {
            throw new InvalidOperationException("Another fragment is being sent: those of a message are sent one after another.");
        }

        var isFirst = !_isOpen;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            Open(opcode);
            var fragment = new OutgoingFrame(isFirst ? opcode : Opcode.Continuation, isFinal, payload, null, BelongsToOpenMessage: true)
            {
                IsPlain = isPlain,
            };
            await sender.SendAsync(fragment, cancellationToken).ConfigureAwait(false);
            if (isFinal)
            {
                Close();
            }
        }
        catch when (isFirst && _isOpen)
        {
            Close();
            throw;
        }
        finally
        {
            Volatile.Write(ref _isSending, 0);
        }
    }

    private void Open(Opcode opcode)
    {
        if (_isOpen)
        {
            // RFC 6455 §5.4: "all fragments of a message are of the same type, as set by the first fragment's opcode."
            if (_opcode != opcode)
            {
                throw new ArgumentException($"The message that is open is of type {_opcode}, not {opcode}.");
            }

            return;
        }

        if (!sender.OpenMessage())
        {
            throw new InvalidOperationException("A message from a stream is being sent: RFC 6455 §5.4 forbids to interleave them.");
        }

        _opcode = opcode;
        _isOpen = true;
    }

    private void Close()
    {
        _isOpen = false;
        sender.CloseMessage();
    }
}
