using System.Text;

namespace RawSocketChat.Handshake.Tests;

/// <summary>The text of a head, a request's or its answer's, to be bent line by line.</summary>
internal sealed record UpgradeText(string StartLine, params string[] Fields)
{
    // The example of RFC 6455 §1.2, with nothing that is optional.
    public static UpgradeText Valid { get; } = new(
        "GET /chat HTTP/1.1",
        "Host: server.example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13");

    // The answer to it, as the same section shows it.
    public static UpgradeText Answer { get; } = new(
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    public UpgradeText WithStartLine(string line) => this with { StartLine = line };

    public UpgradeText With(params string[] fields) => this with { Fields = [.. Fields, .. fields] };

    public UpgradeText Without(string name) =>
        this with { Fields = [.. Fields.Where(f => !f.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))] };

    // The field keeps its place.
    public UpgradeText Replace(string name, string field) =>
        this with { Fields = [.. Fields.Select(f => f.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase) ? field : f)] };

    public UpgradeText MapNames(Func<string, string> map) =>
        this with { Fields = [.. Fields.Select(f => map(f[..f.IndexOf(':')]) + f[f.IndexOf(':')..])] };

    public override string ToString() => $"{StartLine}\r\n{string.Concat(Fields.Select(f => f + "\r\n"))}\r\n";

    public byte[] ToBytes() => Encoding.Latin1.GetBytes(ToString());
}
