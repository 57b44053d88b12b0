namespace RawSocketChat.Dialing;

/// <summary>A bound on one part of an attempt, together with the caller's token; and which of the two it was.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _link;
    private readonly CancellationToken _caller;

    /// <summary>Starts the clock.</summary>
    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        _source = new(timeout, time);
        _caller = caller;
        _link = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Is cancelled by either.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What to tell the caller in place of a failure that one of the two has brought about; the failure itself where neither has.</summary>
    /// <param name="failure">What was caught.</param>
    /// <param name="lost">What a loss of the connection is told as.</param>
    /// <param name="what">What was under way, in words.</param>
    public Exception Judge(Exception failure, WebSocketHandshakeFault lost, string what)
    {
        if (_caller.IsCancellationRequested)
        {
            return new OperationCanceledException($"{what} was cancelled.", failure, _caller);
        }

        if (failure is WebSocketHandshakeException)
        {
            return failure;
        }

        if (Token.IsCancellationRequested)
        {
            return new WebSocketHandshakeException(WebSocketHandshakeFault.Timeout, $"{what} took too long.", failure);
        }

        return failure.IsLoss() ? new WebSocketHandshakeException(lost, $"{what} failed: {failure.Message}", failure) : failure;
    }

    public void Dispose()
    {
        _link.Dispose();
        _source.Dispose();
    }
}
