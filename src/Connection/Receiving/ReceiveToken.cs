namespace RawSocketChat.Receiving;

/// <summary>The token of a receive that its owner does not tell of. One for all such receives of a connection, made for the first.</summary>
internal sealed class ReceiveToken
{
    /// <summary>The token.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>What wakes the receive that waits.</summary>
    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>The receive is over.</summary>
    public void End()
    {
        Registration.Unregister();
        (Token, Registration) = (default, default);
    }
}
