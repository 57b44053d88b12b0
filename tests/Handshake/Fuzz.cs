using System.Buffers;

namespace RawSocketChat.Handshake.Tests;

/// <summary>Random changes of a sound request, and of a sound answer: nothing throws, and no cut makes a difference.</summary>
internal sealed class Fuzz
{
    private static readonly byte[][] Pieces =
    [
        "\r"u8.ToArray(), "\n"u8.ToArray(), "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), " "u8.ToArray(), "\t"u8.ToArray(),
        ":"u8.ToArray(), ","u8.ToArray(), ";"u8.ToArray(), "="u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "\0"u8.ToArray(),
        "#"u8.ToArray(), "?"u8.ToArray(), "://"u8.ToArray(), "%"u8.ToArray(), "["u8.ToArray(), "@"u8.ToArray(), [0x80], [0xFF],
        "Host: b\r\n"u8.ToArray(), "HTTP/1.1"u8.ToArray(), "Content-Length: 0\r\n"u8.ToArray(),
    ];

    private static readonly byte[] Answer = UpgradeText.Answer.With(
        "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10", "X: y").ToBytes();

    private static readonly UpgradeOffer Offer = new() { SubProtocols = ["chat", "b"], Deflate = new DeflatePolicy() };

    private static readonly HandshakeLimits Tight = new() { MaxLineLength = 96, MaxHeaderCount = 10, MaxTotalSize = 512 };

    private static readonly UpgradePolicy Policy = new()
    {
        SubProtocols = ["chat"],
        Origins = OriginPolicy.OneOf("http://a.example", "null"),
    };

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void A_changed_request_has_one_outcome_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        byte[] valid = UpgradeText.Valid.With(
            "Origin: http://a.example", "Sec-WebSocket-Protocol: chat, b", "Sec-WebSocket-Extensions: x; y=\"z\"").ToBytes();
        int done = 0;
        for (int round = 0; round < 150; round++)
        {
            ParseOutcome outcome = EverySplit.Parse(Changed(valid, random), Tight);
            if (outcome.Request is { } request)
            {
                done++;
                Judge(request);
            }
        }

        // Else the changes are too many, and the judgement is never reached.
        done.Should().BeGreaterThan(15);
    }

    [Test]
    public void A_changed_request_never_throws()
    {
        var random = new Random(4);
        byte[] valid = UpgradeText.Valid.With(
            "Origin: http://a.example", "Sec-WebSocket-Protocol: chat, b", "Sec-WebSocket-Extensions: x; y=\"z\"").ToBytes();
        for (int round = 0; round < 50_000; round++)
        {
            if (EverySplit.InCalls(Tight, new ReadOnlySequence<byte>(Changed(valid, random))).Request is { } request)
            {
                Judge(request);
            }
        }
    }

    [TestCase(5)]
    [TestCase(6)]
    public void A_changed_answer_has_one_outcome_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        int done = 0;
        for (int round = 0; round < 150; round++)
        {
            if (EverySplit.ParseResponse(Changed(Answer, random), Tight).Response is { } response)
            {
                done++;
                Judge(response);
            }
        }

        done.Should().BeGreaterThan(15);
    }

    [Test]
    public void A_changed_answer_never_throws()
    {
        var random = new Random(7);
        int established = 0;
        for (int round = 0; round < 50_000; round++)
        {
            if (EverySplit.ResponseInCalls(Tight, new ReadOnlySequence<byte>(Changed(Answer, random))).Response is { } response)
            {
                established += Judge(response) ? 1 : 0;
            }
        }

        established.Should().BeGreaterThan(100);
    }

    private static bool Judge(HttpResponseHead response)
    {
        bool established = UpgradeValidator.TryValidate(
            response, Answers.Key, Offer, out UpgradeAgreement agreement, out HandshakeViolation violation);
        if (established ? agreement.SubProtocol is not (null or "chat") || violation != default : string.IsNullOrEmpty(violation.Reason))
        {
            throw new AssertionException($"{established} {agreement} {violation}");
        }

        return established;
    }

    private static void Judge(HttpRequest request)
    {
        bool accepted = UpgradeNegotiator.TryAccept(
            request, Policy, isSecure: false, out UpgradeAcceptance acceptance, out HttpRefusal refusal);
        if (accepted ? acceptance.Accept.Length != 28 : refusal.StatusCode is < 400 or > 505)
        {
            throw new AssertionException($"{accepted} {acceptance} {refusal}");
        }
    }

    private static byte[] Changed(byte[] valid, Random random)
    {
        var bytes = new List<byte>(valid);
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(0x20, 0x7F);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 6), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
