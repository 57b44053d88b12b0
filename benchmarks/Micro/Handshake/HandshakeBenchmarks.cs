using System.Buffers;
using System.Text;

using BenchmarkDotNet.Attributes;

using RawSocketChat.Handshake;

namespace RawSocketChat.Benchmarks.Micro.Handshake;

/// <summary>The server's opening handshake, step by step and whole.</summary>
public class HandshakeBenchmarks
{
    private static readonly UpgradePolicy Policy = new() { SubProtocols = ["chat"] };

    private readonly HandshakeLimits _limits = new();
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private ReadOnlySequence<byte> _head;
    private HttpRequest _request = null!;
    private UpgradeAcceptance _acceptance;

    [Params(RequestKind.Smallest, RequestKind.Browser)]
    public RequestKind Request { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _head = new(Encoding.ASCII.GetBytes(Head(Request).ReplaceLineEndings("\r\n")));
        _request = Parse();
        _acceptance = Negotiate();
    }

    [Benchmark]
    public HttpRequest Parse()
    {
        var parser = new RequestParser(_limits);
        var reader = new SequenceReader<byte>(_head);
        return parser.Parse(ref reader) == RequestParseStatus.Done
            ? parser.Request
            : throw new InvalidOperationException("The head is whole.");
    }

    [Benchmark]
    public UpgradeAcceptance Negotiate() => Negotiate(_request);

    [Benchmark]
    public int WriteResponse() => WriteResponse(_acceptance);

    [Benchmark]
    public int Whole() => WriteResponse(Negotiate(Parse()));

    private static UpgradeAcceptance Negotiate(HttpRequest request) =>
        UpgradeNegotiator.TryAccept(request, Policy, isSecure: false, out var acceptance, out var refusal)
            ? acceptance
            : throw new InvalidOperationException(refusal.Reason);

    private int WriteResponse(in UpgradeAcceptance acceptance)
    {
        _output.ResetWrittenCount();
        ResponseWriter.WriteSwitchingProtocols(_output, acceptance.Accept, acceptance.SubProtocol);
        return _output.WrittenCount;
    }

    private static string Head(RequestKind kind) => kind switch
    {
        RequestKind.Smallest => """
            GET / HTTP/1.1
            Host: localhost:8081
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Version: 13


            """,
        _ => """
            GET /chat?room=lobby HTTP/1.1
            Host: chat.example.com
            Connection: Upgrade
            Pragma: no-cache
            Cache-Control: no-cache
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
            Upgrade: websocket
            Origin: http://chat.example.com
            Sec-WebSocket-Version: 13
            Accept-Encoding: gzip, deflate, br, zstd
            Accept-Language: en-GB,en;q=0.9,zh-CN;q=0.8
            Cookie: theme=dark; id=0f8fad5b-d9cb-469f-a165-70867728950e
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits
            Sec-WebSocket-Protocol: chat, superchat


            """,
    };
}
