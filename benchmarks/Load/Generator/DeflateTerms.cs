using System.Globalization;
using System.Text;

namespace RawSocketChat.Load.Generator;

/// <summary>What a client and a server are to agree on about permessage-deflate (RFC 7692 §7.1): the same for both directions.</summary>
/// <param name="WindowBits">Messages refer to 2 to the power of so many bytes back at most: 9 to 15, as zlib has no smaller window.</param>
/// <param name="Takeover">Whether messages refer to the ones before.</param>
internal sealed record DeflateTerms(int WindowBits, bool Takeover)
{
    private const string Extension = "permessage-deflate";
    private const string Field = "\r\nSec-WebSocket-Extensions:";
    private const int LargestWindow = 15;

    private static readonly string[] WindowParameters = ["server_max_window_bits", "client_max_window_bits"];

    /// <summary>What they are called in a cell's name.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{(Takeover ? "takeover" : "alone")}-{WindowBits}");

    /// <summary>The one offer that says just this: the value of Sec-WebSocket-Extensions. The largest window goes without saying.</summary>
    public string Offer => string.Join("; ", Parameters.Prepend(Extension));

    private IEnumerable<string> Parameters =>
    [
        .. WindowBits == LargestWindow ? Array.Empty<string>() : Windows(WindowBits),
        .. Takeover ? Array.Empty<string>() : ["server_no_context_takeover", "client_no_context_takeover"],
    ];

    /// <summary>Checks that a server has agreed to this, and to nothing else.</summary>
    /// <param name="answer">The head of its answer, to the end of the last field.</param>
    /// <exception cref="InvalidDataException">It has declined, or has agreed to something else.</exception>
    public void Check(ReadOnlySpan<byte> answer)
    {
        var text = Encoding.Latin1.GetString(answer);
        var begin = text.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        if (begin < 0)
        {
            throw new InvalidDataException($"The server has declined \"{Offer}\".");
        }

        var value = text[(begin + Field.Length)..].Split("\r\n")[0].Trim();
        string[] parts = [.. value.Split(';').Select(part => part.Replace("\"", null, StringComparison.Ordinal).Trim())];
        if (parts[0] != Extension || !parts[1..].Except(Windows(LargestWindow)).ToHashSet().SetEquals(Parameters))
        {
            throw new InvalidDataException($"The server has agreed to \"{value}\" where it was offered \"{Offer}\".");
        }
    }

    private static IEnumerable<string> Windows(int bits) =>
        WindowParameters.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}={bits}"));
}
