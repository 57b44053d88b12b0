using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>All that can be seen of a parser's work, as values to compare.</summary>
internal sealed record ParseOutcome(RequestParseStatus Status, HttpRefusal Refusal, string Head, int Consumed)
{
    public HttpRequest? Request { get; init; }

    public bool Equals(ParseOutcome? other) =>
        other is not null && (Status, Refusal, Head, Consumed) == (other.Status, other.Refusal, other.Head, other.Consumed);

    public override int GetHashCode() => HashCode.Combine(Status, Refusal, Head, Consumed);

    public static ParseOutcome Of(RequestParser parser, RequestParseStatus status, int consumed)
    {
        HttpRequest? request = status == RequestParseStatus.Done ? parser.Request : null;
        HttpRefusal refusal = status == RequestParseStatus.Refused ? parser.Refusal : default;
        return new ParseOutcome(status, refusal, request is null ? "" : Render(request), consumed) { Request = request };
    }

    private static string Render(HttpRequest request)
    {
        var text = new StringBuilder().AppendJoin('\n', request.Method, request.Target, request.Path, request.Query);
        foreach ((string name, string value) in request.Headers)
        {
            text.Append('\n').Append(name).Append('=').Append(value);
        }

        return text.ToString();
    }
}
