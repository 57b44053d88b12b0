using System.Net.WebSockets;
using System.Text;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests;

[TestFixture("ClientWebSocket")]
[TestFixture("ws")]
[TestFixture("python3-websockets")]
public class A_client_that_others_wrote(string name)
{
    private const string Text = "你好，世界！Grüße, 👋🏽 👩‍👩‍👧 𠮷";

    private readonly ForeignClient _client = ForeignClient.Named(name);

    [Test]
    public async Task Gets_text_in_Chinese_and_emoji_back()
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send(Text), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Should().BeEquivalentTo(
            new { Type = "text", Text, Length = Encoding.UTF8.GetByteCount(Text) });
    }

    // Around the three forms of a frame's length (RFC 6455 §5.2), and far beyond a socket's buffers.
    [Test]
    public async Task Gets_binary_messages_of_every_length_back(
        [Values(0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024, 16 * 1024 * 1024)] int length)
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send(length), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Should().BeEquivalentTo(
            new { Type = "binary", Length = length, Sha256 = Pattern.Digest(Pattern.Bytes(length)) });
    }

    [Test]
    public async Task Gets_a_thousand_messages_back_in_their_order()
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.Burst(1000), ClientStep.Close(1000)));

        TextsOf(events, 0).Should().Equal(Enumerable.Range(0, 1000).Select(number => $"client 0 message {number}"));
    }

    [Test]
    public async Task Gets_its_own_messages_back_among_fifty_clients()
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.Burst(50), ClientStep.Close(1000)) { Clients = 50 });

        for (var client = 0; client < 50; client++)
        {
            TextsOf(events, client).Should().Equal(Enumerable.Range(0, 50).Select(number => $"client {client} message {number}"));
        }

        events.Where(happened => happened.Event == "close").Should().HaveCount(50).And.OnlyContain(close => close.Code == 1000);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public async Task Gets_text_sent_in_fragments_back_as_one_message(int size)
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.SendFragments(Text, size), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Should().BeEquivalentTo(new { Type = "text", Text });
    }

    [TestCase(1000, 1)]
    [TestCase(200_000, 126)]
    [TestCase(1024 * 1024, 65536)]
    public async Task Gets_binary_sent_in_fragments_back_as_one_message(int length, int size)
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.SendFragments(length, size), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "message").Should().BeEquivalentTo(
            new { Type = "binary", Length = length, Sha256 = Pattern.Digest(Pattern.Bytes(length)) });
    }

    [TestCase(1000, "")]
    [TestCase(1000, "done")]
    [TestCase(4001, "再见 👋")]
    public async Task Closes_with_a_code_that_comes_back(int code, string reason)
    {
        await using var server = await TestServer.StartAsync();

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send("a"), ClientStep.Receive(), ClientStep.Close(code, reason)));

        events.Single(happened => happened.Event == "close").Code.Should().Be(code);
        var ended = await server.Ended.WaitAsync(TimeSpan.FromSeconds(30));
        ended.Status.Should().Be((WebSocketCloseStatus)code);
        ended.Reason.Should().Be(reason);
    }

    [Test]
    public async Task Is_told_1001_when_the_server_stops()
    {
        await using var server = await TestServer.StartAsync();

        var running = _client.RunAsync(new(server.Url, ClientStep.Send("a"), ClientStep.Receive(), ClientStep.AwaitClose()));
        await Task.WhenAny(server.Echoed, running);
        await server.StopAsync();

        (await running).Single(happened => happened.Event == "close").Should().BeEquivalentTo(
            new { Code = 1001, Reason = "the server is stopping" });
    }

    [Test]
    public async Task Is_told_1000_when_the_handler_returns()
    {
        await using var server = await TestServer.StartAsync(handler: async (connection, stopping) =>
        {
            var message = await connection.ReceiveAsync(stopping);
            await connection.SendAsync(message, stopping);
        });

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send("a"), ClientStep.Receive(), ClientStep.AwaitClose()));

        events.Single(happened => happened.Event == "close").Code.Should().Be(1000);
    }

    [Test]
    public async Task Agrees_on_a_subprotocol_that_both_know()
    {
        await using var server = await TestServer.StartAsync(new() { SubProtocols = ["chat.v3", "chat.v2", "chat.v1"] });

        var events = await _client.RunAsync(
            new(server.Url, ClientStep.Send("a"), ClientStep.Receive(), ClientStep.Close(1000)) { Protocols = ["other", "chat.v2"] });

        events.Single(happened => happened.Event == "open").Protocol.Should().Be("chat.v2");
    }

    [Test]
    public async Task Agrees_on_no_subprotocol_where_it_offers_none()
    {
        await using var server = await TestServer.StartAsync(new() { SubProtocols = ["chat.v1"] });

        var events = await _client.RunAsync(new(server.Url, ClientStep.Send("a"), ClientStep.Receive(), ClientStep.Close(1000)));

        events.Single(happened => happened.Event == "open").Protocol.Should().BeNull();
    }

    private static IEnumerable<string?> TextsOf(IEnumerable<ClientEvent> events, int client) =>
        events.Where(happened => happened.Event == "message" && happened.Client == client).Select(happened => happened.Text);
}
