using System.Text.Json;
using ChatHost;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class ChatRoomTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public void A_newcomer_is_a_guest_with_a_number_and_told_who_is_here()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);

        first.Should().Equal("welcome guest-1 [guest-1]", "join guest-2");
        second.Should().Equal("welcome guest-2 [guest-1,guest-2]");
    }

    [Test]
    public void Exactly_the_one_who_leaves_is_taken_out()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);
        var third = Enter(room);
        Clear(first, second, third);

        room.Leave(second.Member);
        room.Leave(second.Member);
        room.Say(first.Member, null, "who is left?");
        room.Say(second.Member, "ghost", "not me");

        third.Should().Equal("leave guest-2", "1 guest-1: who is left?");
        second.Should().BeEmpty();
    }

    [Test]
    public void A_number_is_never_given_twice()
    {
        var room = Room();
        room.Leave(Enter(room).Member);

        Enter(room).Should().Equal("welcome guest-2 [guest-2]");
    }

    [Test]
    public void All_see_one_order_and_the_speaker_sees_its_own_words_in_their_place()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);
        Clear(first, second);

        room.Say(first.Member, null, "a");
        room.Announce("b");
        room.Say(second.Member, null, "c");

        first.Should().Equal("1 me: a", "2 server: b", "3 guest-2: c");
        second.Should().Equal("1 guest-1: a", "2 server: b", "3 me: c");
    }

    [Test]
    public void A_new_name_and_the_words_that_come_with_it_are_seen_by_all_in_that_order()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);
        Clear(first, second);

        room.Say(first.Member, "小明", "我来了");
        room.Say(first.Member, "小明", null);

        first.Should().Equal("rename guest-1 小明", "1 me: 我来了");
        second.Should().Equal("rename guest-1 小明", "1 小明: 我来了");
        Enter(room).Should().Equal("welcome guest-3 [小明,guest-2,guest-3]");
    }

    [Test]
    public void Two_may_have_the_same_name()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);
        room.Say(first.Member, "小明", null);
        Clear(first, second);

        room.Say(second.Member, "小明", "me too");

        first.Should().Equal("rename guest-2 小明", "1 小明: me too");
    }

    [Test]
    public void An_error_is_told_to_one_alone_and_spends_no_id()
    {
        var room = Room();
        var first = Enter(room);
        var second = Enter(room);
        Clear(first, second);

        room.TellError(first.Member, "no");
        room.Say(second.Member, null, "a");

        first.Should().Equal("error no", "1 guest-2: a");
        second.Should().Equal("1 me: a");
    }

    [Test]
    public void An_announcement_to_nobody_spends_no_id()
    {
        var room = Room();
        room.Announce("nobody hears");
        var first = Enter(room);
        Clear(first);

        room.Announce("a");

        first.Should().Equal("1 server: a");
    }

    [Test]
    public void Who_leaves_in_the_middle_of_a_delivery_leaves_after_it_for_everybody()
    {
        var room = Room();
        var first = Enter(room);
        ChatMember? failing = null;
        var fails = false;
        failing = room.Join(
            _ =>
            {
                if (fails)
                {
                    room.Leave(failing!);
                }
            },
            "test");
        var third = Enter(room);
        Clear(first, third);

        fails = true;
        room.Say(first.Member, null, "a");

        first.Should().Equal("1 me: a", "leave guest-2");
        third.Should().Equal("1 guest-1: a", "leave guest-2");
    }

    [Test]
    public async Task All_see_the_same_order_when_many_speak_at_once()
    {
        var room = Room();
        var members = Enumerable.Range(0, 8).Select(_ => Enter(room)).ToArray();
        Clear(members);

        await Task.WhenAll(members.Select(member => Task.Run(() =>
        {
            for (var number = 0; number < 250; number++)
            {
                room.Say(member.Member, null, $"{number}");
            }
        })));

        foreach (var member in members)
        {
            member.Ids.Should().Equal(Enumerable.Range(1, 2000).Select(id => (long)id));
        }

        members.Select(member => string.Join('\n', member).Replace("me:", member.Member.Name + ":", StringComparison.Ordinal))
            .Distinct().Should().ContainSingle();
    }

    private ChatRoom Room() => new(_time, NullLogger.Instance);

    private static Hearing Enter(ChatRoom room)
    {
        var hearing = new Hearing();
        hearing.Member = room.Join(hearing.Hear, "test");
        return hearing;
    }

    private static void Clear(params Hearing[] all)
    {
        foreach (var each in all)
        {
            each.Clear();
        }
    }

    /// <summary>What one member is told, a line each.</summary>
    private sealed class Hearing : List<string>
    {
        public ChatMember Member { get; set; } = null!;

        public IEnumerable<long> Ids => this.Select(line => long.Parse(line.Split(' ')[0]));

        public void Hear(PreparedMessage message)
        {
            using var json = JsonDocument.Parse(message.Payload);
            Add(Tell(json.RootElement));
        }

        private static string Tell(JsonElement json)
        {
            var type = json.GetProperty("type").GetString();
            var text = (json.TryGetProperty("data", out var data) ? data : json.GetProperty("text")).GetString();
            var from = json.TryGetProperty("self", out _) ? "me" : json.GetProperty("from").GetString();
            var member = json.TryGetProperty("member", out var about) ? Name(about) : null;
            return type switch
            {
                "chat" or "announcement" => $"{json.GetProperty("id")} {from}: {text}",
                "welcome" => $"welcome {member} [{string.Join(',', json.GetProperty("members").EnumerateArray().Select(Name))}]",
                "rename" => $"rename {json.GetProperty("was")} {member}",
                "error" => $"error {text}",
                _ => $"{type} {member}",
            };
        }

        private static string? Name(JsonElement member) => member.GetProperty("name").GetString();
    }
}
