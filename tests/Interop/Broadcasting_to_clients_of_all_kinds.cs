using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

public class Broadcasting_to_clients_of_all_kinds
{
    private static readonly string[] Names = ["ClientWebSocket", "ws", "python3-websockets"];

    // The framework's windows begin at 9.
    private static readonly ClientOffer[] Offers =
    [
        ClientOffer.None,
        new(ClientMaxWindowBits: 0),
        new(ServerNoContextTakeover: true, ClientMaxWindowBits: 0),
        new(ServerMaxWindowBits: 9, ClientMaxWindowBits: 9),
        new(ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 12, ClientMaxWindowBits: 0),
        ClientOffer.None,
    ];

    [Test]
    public async Task Everybody_gets_every_message_once_in_order_compressed_or_not([Values] bool takeover)
    {
        const int Count = 100;
        var texts = Enumerable.Range(0, Count).Select(number => $"{number} 大家好 👋🏽 to everybody: {new string('a', number)} 大家好 👋🏽 to everybody").ToList();
        using var allThere = new CountdownEvent(Names.Length * Offers.Length);
        TestServer? server = null;
        await using var started = server = await TestServer.StartAsync(
            new() { Deflate = new() { ServerContextTakeover = takeover, ClientContextTakeover = takeover } },
            async (connection, stopping) =>
            {
                await connection.ReceiveAsync(stopping);
                if (allThere.Signal())
                {
                    foreach (var text in texts)
                    {
                        server!.Server.Broadcast(text).Accepted.Should().Be(Names.Length * Offers.Length);
                    }
                }

                await foreach (var _ in connection.ReadAllAsync(stopping))
                {
                }
            });

        var runs = await Task.WhenAll(Names.Select(name => ForeignClient.Named(name).RunAsync(
            new(server.Url, ClientStep.Send("here"), ClientStep.Receive(Count), ClientStep.Close(1000)) { Offers = Offers })));

        foreach (var (name, events) in Names.Zip(runs))
        {
            for (var client = 0; client < Offers.Length; client++)
            {
                var own = events.Where(happened => happened.Client == client).ToList();
                (own[0].Extensions is not null).Should().Be(Offers[client].Deflate);
                own.Where(happened => happened.Event == "message").Select(happened => happened.Text).Should().Equal(texts, "{0} gets all with {1}", name, own[0].Extensions);
                own[^1].Code.Should().Be(1000);
            }
        }
    }
}
