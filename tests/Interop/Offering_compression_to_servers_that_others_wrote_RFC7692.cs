using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

public class Offering_compression_to_servers_that_others_wrote_RFC7692
{
    [Test]
    public async Task Every_offer_is_answered_and_everything_comes_back(
        [Values("Kestrel", "ws", "python3-websockets")] string name, [Values] bool serverTakeover, [Values] bool clientTakeover)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await using var server = await ForeignServer.StartAsync(name, deflate: true);

        // zlib makes no raw stream with a window of 256 bytes. Python's refuses to; Node's takes 512, whose matches never reach beyond 250 bytes.
        foreach (var serverBits in Enumerable.Range(8, 8).Where(bits => bits > 8 || name != "python3-websockets"))
        {
            foreach (var clientBits in Enumerable.Range(8, 8))
            {
                await using var connection = await WebSocketClient.ConnectAsync(server.Url(), new()
                {
                    MaxMessageSize = 1024 * 1024,
                    Deflate = new()
                    {
                        ServerContextTakeover = serverTakeover,
                        ClientContextTakeover = clientTakeover,
                        ServerMaxWindowBits = serverBits,
                        ClientMaxWindowBits = clientBits,
                        MinMessageSize = 0,
                    },
                }, bound.Token);
                var because = $"with windows of {serverBits} and {clientBits}, {connection.Deflate}";
                if (connection.Deflate is { } agreed)
                {
                    (agreed.ReceiveWindowBits <= serverBits && agreed.SendWindowBits <= clientBits).Should().BeTrue(because);
                    (!agreed.ReceiveContextTakeover || serverTakeover).Should().BeTrue(because);
                    (!agreed.SendContextTakeover || clientTakeover).Should().BeTrue(because);
                }
                else
                {
                    (name, serverBits == 8 || clientBits == 8).Should().Be(("Kestrel", true), "only the framework has no window of 8 bits, {0}", because);
                }

                byte[][] messages =
                [
                    Encoding.UTF8.GetBytes("你好，世界！你好，服务器！世界，你好！"), Pattern.Bytes(40_000), Pattern.Bytes(34_000, "random"), [], Pattern.Bytes(3000), Pattern.Bytes(3000),
                ];
                foreach (var message in messages)
                {
                    var sending = connection.SendAsync(message, WebSocketMessageType.Binary, bound.Token);
                    (await connection.ReceiveAsync(bound.Token)).Span.SequenceEqual(message).Should().BeTrue(because);
                    await sending;
                }

                (connection.DeflateCounters.SentBefore > 0).Should().Be(connection.Deflate is not null, because);
            }
        }
    }
}
