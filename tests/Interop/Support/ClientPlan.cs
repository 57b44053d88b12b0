namespace RawSocketChat.Interop.Tests.Support;

/// <summary>What a client is asked to do: as many connections as <see cref="Clients"/>, each of which takes every step.</summary>
public sealed record ClientPlan(Uri Url, params IReadOnlyList<ClientStep> Steps)
{
    public IReadOnlyList<string> Protocols { get; init; } = [];

    public int Clients { get; init; } = 1;

    /// <summary>What each connection offers of compression, one connection for each; where it is not given, whatever the client offers by itself.</summary>
    public IReadOnlyList<ClientOffer>? Offers { get; init; }
}
