using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace RawSocketChat.ClientCost;

/// <summary>So many connections of one kind of client, each of which sends so many messages, awaits their echoes, and begins again.</summary>
internal static class EchoClients
{
    /// <summary>What the others are compared with.</summary>
    public const string Reference = "ClientWebSocket";

    private const double WarmSeconds = 5;
    private const double MeasuredSeconds = 2;

    private static long _messages;
    private static volatile bool _ending;

    public static IReadOnlyList<string> Kinds { get; } = [Reference, "WebSocketClient", "WebSocketClient, portable"];

    /// <summary>Prints the microseconds of processor time and the bytes allocated that a message takes.</summary>
    public static async Task<int> RunAsync(string kind, int port, int connections, int size, int depth)
    {
        Console.ReadLine();
        var uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/"));
        var payload = new byte[size];
        var all = Enumerable.Range(0, connections)
            .Select(_ => Task.Run(() => kind == Reference ? EchoOnFrameworkAsync(uri, payload, depth) : EchoAsync(uri, payload, depth, kind)))
            .ToArray();

        await Task.Delay(TimeSpan.FromSeconds(WarmSeconds));
        var (messages, cpu, bytes) = Now();
        await Task.Delay(TimeSpan.FromSeconds(MeasuredSeconds));
        var after = Now();
        _ending = true;
        await Task.WhenAll(all);

        var count = (double)(after.Messages - messages);
        Console.Write(string.Create(
            CultureInfo.InvariantCulture, $"{(after.Cpu - cpu).TotalMicroseconds / count:F3} {(after.Bytes - bytes) / count:F3}"));
        return 0;
    }

    private static (long Messages, TimeSpan Cpu, long Bytes) Now() =>
        (Volatile.Read(ref _messages), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));

    private static async Task EchoAsync(Uri uri, byte[] payload, int depth, string kind)
    {
        await using var client = await WebSocketClient.ConnectAsync(uri, new()
        {
            Transport = kind.EndsWith("portable", StringComparison.Ordinal) ? TransportKind.Portable : TransportKind.Automatic,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        while (!_ending)
        {
            for (var sent = 0; sent < depth; sent++)
            {
                await client.SendAsync(payload, WebSocketMessageType.Binary);
            }

            for (var echoed = 0; echoed < depth; echoed++)
            {
                Count((await client.ReceiveAsync()).Payload.Length, payload.Length);
            }
        }
    }

    private static async Task EchoOnFrameworkAsync(Uri uri, byte[] payload, int depth)
    {
        using var client = new ClientWebSocket();
        client.Options.KeepAliveInterval = TimeSpan.Zero;
        await client.ConnectAsync(uri, CancellationToken.None);
        var buffer = new byte[payload.Length];
        while (!_ending)
        {
            for (var sent = 0; sent < depth; sent++)
            {
                await client.SendAsync(payload.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }

            for (var echoed = 0; echoed < depth; echoed++)
            {
                Count(await ReceiveAsync(client, buffer), payload.Length);
            }
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    // Pooled: what the measurement itself allocates is not the client's.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReceiveAsync(ClientWebSocket client, byte[] buffer)
    {
        var received = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer.AsMemory(received), CancellationToken.None);
            received += result.Count;
        }
        while (!result.EndOfMessage);
        return received;
    }

    private static void Count(int received, int expected)
    {
        Interlocked.Increment(ref _messages);
        if (received != expected)
        {
            throw new InvalidDataException("That was no echo.");
        }
    }
}
