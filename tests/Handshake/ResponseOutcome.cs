namespace RawSocketChat.Handshake.Tests;

/// <summary>All that can be seen of a response parser's work, as values to compare.</summary>
internal sealed record ResponseOutcome(ResponseParseStatus Status, HandshakeViolation Violation, string Head, int Consumed)
{
    public HttpResponseHead? Response { get; init; }

    public bool Equals(ResponseOutcome? other) =>
        other is not null && (Status, Violation, Head, Consumed) == (other.Status, other.Violation, other.Head, other.Consumed);

    public override int GetHashCode() => HashCode.Combine(Status, Violation, Head, Consumed);

    public static ResponseOutcome Of(ResponseParser parser, ResponseParseStatus status, int consumed)
    {
        HttpResponseHead? response = status == ResponseParseStatus.Done ? parser.Response : null;
        HandshakeViolation violation = status == ResponseParseStatus.Refused ? parser.Violation : default;
        return new ResponseOutcome(status, violation, response is null ? "" : Render(response), consumed) { Response = response };
    }

    private static string Render(HttpResponseHead response) =>
        string.Join('\n', response.Headers.Select(field => $"{field.Key}={field.Value}").Prepend($"{response.StatusCode}"));
}
