using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Framing;

namespace RawSocketChat.Connection.Tests;

/// <summary>
/// Random streams of frames, legal and illegal, randomly cut: what comes out is what <see cref="WebSocket"/> makes of the same bytes.
/// </summary>
public sealed class AgreementWithSystemNetWebSockets
{
    private const int StreamsASeed = 60;

    [Test]
    public async Task Both_receive_the_same_messages_and_end_the_same_way([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < StreamsASeed; i++)
        {
            var (bytes, isUtf8) = RandomStream(random);
            var oracle = await Oracle(bytes);
            var ours = await Ours(bytes, random);
            ours.Should().Be(isUtf8 ? oracle : TextOnlyUpToItsFault(oracle, ours), "seed {0}, stream {1}: {2}", seed, i, Convert.ToHexString(bytes));
        }
    }

    // Where ours is stricter: System.Net.WebSockets checks UTF-8 when a frame has been handed over, ours byte by byte, and both close with
    // 1007; how much of the broken message the oracle tells before is its own affair, as ours tells only whole messages.
    private static string TextOnlyUpToItsFault(string oracle, string ours) => ours.EndsWith("end 1007", StringComparison.Ordinal)
        && (oracle.StartsWith(ours[..^"end 1007".Length], StringComparison.Ordinal)) ? ours : oracle;

    private static (byte[] Bytes, bool IsUtf8) RandomStream(Random random)
    {
        using var stream = new MemoryStream();
        var isUtf8 = true;
        for (var message = random.Next(1, 6); message > 0; message--)
        {
            var text = random.Next(2) == 0;
            var payload = text ? Encoding.UTF8.GetBytes(RandomText(random)) : RandomBytes(random);
            if (text && payload.Length > 0 && random.Next(8) == 0)
            {
                payload[random.Next(payload.Length)] = 0xFF;
                isUtf8 = false;
            }

            var fragments = random.Next(1, 5);
            for (var f = 0; f < fragments; f++)
            {
                var start = payload.Length * f / fragments;
                var end = payload.Length * (f + 1) / fragments;
                var opcode = f > 0 ? Opcode.Continuation : text ? Opcode.Text : Opcode.Binary;
                stream.Write(FrameBytes.To(EndpointRole.Server, opcode, payload.AsSpan(start, end - start), f == fragments - 1));
                if (random.Next(3) == 0)
                {
                    stream.Write(FrameBytes.To(EndpointRole.Server, random.Next(2) == 0 ? Opcode.Ping : Opcode.Pong, RandomBytes(random, 125)));
                }
            }
        }

        if (random.Next(4) == 0)
        {
            // Something illegal: a reserved bit or opcode, a missing mask, a continuation of nothing, a fragmented ping.
            byte[][] faults = [[0xC1, 0x80, 1, 2, 3, 4], [0x83, 0x80, 1, 2, 3, 4], [0x81, 0x01, 0x41], [0x80, 0x80, 1, 2, 3, 4], [0x09, 0x80, 1, 2, 3, 4]];
            stream.Write(faults[random.Next(faults.Length)]);
        }

        stream.Write(FrameBytes.CloseTo(EndpointRole.Server, random.Next(2) == 0 ? 1000 : 3000 + random.Next(2000), "bye"));
        return (stream.ToArray(), isUtf8);
    }

    private static byte[] RandomBytes(Random random, int most = 70_000)
    {
        int[] lengths = [0, 1, 125, 126, 127, random.Next(1000), 65535, 65536, random.Next(70_000)];
        var bytes = new byte[Math.Min(lengths[random.Next(lengths.Length)], most)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string RandomText(Random random)
    {
        string[] alphabet = ["a", "é", "你", "😀", " "];
        return string.Concat(Enumerable.Range(0, random.Next(300)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    private static async Task<string> Ours(byte[] bytes, Random random)
    {
        var pool = new TrackingPool();
        var told = new StringBuilder();
        await using (var peer = new Peer(EndpointRole.Server, new() { BufferPool = pool, KeepAliveInterval = Timeout.InfiniteTimeSpan }))
        {
            var writing = Task.Run(async () =>
            {
                for (var at = 0; at < bytes.Length;)
                {
                    var length = Math.Min(bytes.Length - at, random.Next(1, random.Next(2) == 0 ? 20 : 5000));
                    await peer.WriteAsync(bytes.AsMemory(at, length));
                    at += length;
                }

                peer.EndInput();
            });
            await foreach (var message in peer.Connection.ReadAllAsync())
            {
                told.Append($"{message.Type} {Convert.ToHexString(message.Span)}\n");
            }

            await Peer.Within(writing);
            told.Append($"end {(int?)peer.Connection.Closure!.Status}");
        }

        pool.Out.Should().Be(0);
        pool.Faults.Should().BeEmpty();
        return told.ToString();
    }

    private static async Task<string> Oracle(byte[] bytes)
    {
        var answers = new Pipe();
        using var duplex = new DuplexStream(new MemoryStream(bytes), answers.Writer.AsStream());
        using var socket = WebSocket.CreateFromStream(duplex, isServer: true, subProtocol: null, keepAliveInterval: Timeout.InfiniteTimeSpan);
        var told = new StringBuilder();
        var buffer = new byte[8192];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return told.Append($"end {(int)socket.CloseStatus!.Value}").ToString();
                }

                message.Write(buffer.AsSpan(0, result.Count));
                if (result.EndOfMessage)
                {
                    told.Append($"{result.MessageType} {Convert.ToHexString(message.ToArray())}\n");
                    message.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // It has failed the connection and says why in its close frame, behind the pongs.
            await answers.Writer.CompleteAsync();
            using var sent = new MemoryStream();
            await answers.Reader.AsStream().CopyToAsync(sent);
            var frames = sent.ToArray();
            var state = FragmentState.None;
            var status = 0;
            for (var at = 0; at < frames.Length;)
            {
                FrameHeader.TryRead(frames.AsSpan(at), EndpointRole.Client, state, out var header, out _);
                if (header.Opcode == Opcode.Close)
                {
                    status = (frames[at + header.Size] << 8) | frames[at + header.Size + 1];
                }

                at += header.Size + (int)header.PayloadLength;
            }

            return told.Append($"end {status}").ToString();
        }
    }

    private sealed class DuplexStream(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            output.WriteAsync(buffer, cancellationToken);

        public override void Flush() => output.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
